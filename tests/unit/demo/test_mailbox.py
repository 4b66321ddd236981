"""The demo's mailbox, read from what Django's file backend really writes."""

from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from comptoir.demo.mailbox import mail, mails


def send(folder: Path, *messages: EmailMultiAlternatives) -> None:
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    backend.send_messages(messages)


def a_letter(to: str, subject: str = "Votre relevé est prêt – n° 7") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, "Bonjour é\n\nhttp://localhost/x", "Billing <b@northwind.example>", [to])
    message.attach_alternative("<p>Bonjour é <a href='http://localhost/x'>x</a></p>", "text/html")
    message.attach("facture-7.pdf", b"%PDF-1.7\x00\xff", "application/pdf")
    return message


def test_a_mail_is_shown_whole(tmp_path: Path) -> None:
    send(tmp_path, a_letter("Maria Vega <Maria@Bluebird.example>"))

    (found,) = mails(tmp_path)

    assert found.subject == "Votre relevé est prêt – n° 7"
    assert found.sender == "Billing <b@northwind.example>"
    assert found.recipients == ("maria@bluebird.example",)
    assert found.text == "Bonjour é\n\nhttp://localhost/x"
    assert "<p>Bonjour é <a href='http://localhost/x'>" in found.html
    (attached,) = found.attachments
    assert (attached.name, attached.media_type, attached.content) == (
        "facture-7.pdf",
        "application/pdf",
        b"%PDF-1.7\x00\xff",
    )
    assert mail(tmp_path, mail_id=found.id) == found


def test_the_newest_comes_first_and_one_recipient_can_be_picked(tmp_path: Path) -> None:
    send(tmp_path, a_letter("maria@bluebird.example", "1"), a_letter("lucie@chez-lucie.example", "2"))
    send(tmp_path, a_letter("maria@bluebird.example", "3"))

    assert [found.subject for found in mails(tmp_path)] == ["3", "2", "1"]
    assert [found.subject for found in mails(tmp_path, recipient=" MARIA@")] == ["3", "1"]


def test_a_mail_that_is_still_being_written_is_not_shown(tmp_path: Path) -> None:
    send(tmp_path, a_letter("maria@bluebird.example", "1"))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"Subject: half\nTo: maria@bluebird.example\n\nHal")

    assert [found.subject for found in mails(tmp_path)] == ["1"]


@pytest.mark.parametrize("mail_id", ["nothing.0", "../secret.0", "", "20200901.x"])
def test_there_is_no_mail_by_another_name(tmp_path: Path, mail_id: str) -> None:
    send(tmp_path, a_letter("maria@bluebird.example"))
    (tmp_path.parent / "secret.log").write_bytes(b"Subject: secret\n\n")

    assert mail(tmp_path, mail_id=mail_id) is None


def test_without_a_folder_there_are_no_mails(tmp_path: Path) -> None:
    assert mails(tmp_path / "nothing") == []
