"""One variable says how mail leaves."""

import pytest

from comptoir.config.email import FILES, SMTP, MailServer, mail_server


def test_without_a_url_mail_becomes_files() -> None:
    assert mail_server("").backend == FILES


def test_a_mail_server_with_login_and_encryption() -> None:
    server = mail_server("smtp://bills%40vendor.example:p%2Fss@mail.vendor.example:2525/?tls=1")

    assert server == MailServer(
        backend=SMTP,
        host="mail.vendor.example",
        port=2525,
        user="bills@vendor.example",
        password="p/ss",
        use_tls=True,
    )


@pytest.mark.parametrize(
    ("url", "port", "use_tls", "use_ssl"),
    [
        ("smtp://mail.vendor.example/", 587, False, False),
        ("smtp://mail.vendor.example/?tls=1", 587, True, False),
        ("smtps://mail.vendor.example", 465, False, True),
    ],
)
def test_ports_follow_the_encryption(url: str, port: int, use_tls: bool, use_ssl: bool) -> None:
    server = mail_server(url)

    assert (server.port, server.use_tls, server.use_ssl) == (port, use_tls, use_ssl)


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.vendor.example",
        "smtp://",
        "smtp://mail.vendor.example/?tls=1&ssl=1",
        "smtps://mail.vendor.example/?tls=1",
        "smtp://mail.vendor.example:many/",
        "mailgun://key@/",
        "sendgrid://@/",
    ],
)
def test_what_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"EMAIL_URL|[Pp]ort"):
        mail_server(url)


def test_a_provider_takes_its_keys_from_the_url() -> None:
    server = mail_server("mailgun://key%2F1@mg.vendor.example/?webhook=sign&api=https://api.eu.mailgun.net/v3")

    assert server.backend == "anymail.backends.mailgun.EmailBackend"
    assert server.provider_webhook.endswith("MailgunTrackingWebhookView")
    assert server.anymail == {
        "MAILGUN_API_KEY": "key/1",
        "MAILGUN_SENDER_DOMAIN": "mg.vendor.example",
        "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
        "MAILGUN_WEBHOOK_SIGNING_KEY": "sign",
    }


def test_without_a_key_to_prove_them_no_reports_are_taken() -> None:
    assert mail_server("sendgrid://key@/").provider_webhook == ""
    assert mail_server("smtp://mail.vendor.example/?webhook=whsec_x").webhook_secret == "whsec_x"
