"""The letter with which a company moves."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from comptoir.documents.queries import find_pdf
from comptoir.invoicing.models import Invoice
from comptoir.notices.documents import letter_reference, sample_reference
from comptoir.notices.letters import send_letter
from comptoir.tenancy.models import Company
from tests.factories import TODAY, make_company
from tests.integration.notices.conftest import World

Outbox = list[EmailMultiAlternatives]
Work = Callable[[], list[str]]


def send(company: Company, *, to: str | None = "sam@example.com") -> bool:
    with transaction.atomic():
        return send_letter(
            company_id=company.id,
            to=to,
            login_email=to,
            first_invoice_month=date(2020, 10, 1),
            deadline=date(2020, 9, 30),
            today=TODAY,
        )


def test_an_owner_gets_the_letter_and_a_sample_invoice(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")

    assert send(company)
    work()

    (mail,) = mailoutbox
    assert mail.subject == "Your Harbor invoices move: please log in by Sep 30, 2020"
    for said in ("October 2020", "sam@example.com", "Forgot password?", "http://localhost:8000/", company.number):
        assert said in mail.body
    names = [str(name) for name, _content, _type in mail.attachments]
    assert names == [f"Letter {company.number}.pdf", f"Sample invoice {company.number}.pdf"]
    assert not Invoice.objects.exists(), "a sample is no document of account"


def test_the_papers_are_what_they_say(world: World) -> None:
    company = world.company("Fish & Chips LLC")
    send(company)

    for reference, title in (
        (letter_reference(company.public_id), "Your invoices move to a new portal"),
        (sample_reference(company.public_id), "Sample invoice"),
    ):
        paper = find_pdf(reference)
        assert paper
        with pikepdf.open(BytesIO(paper.content)) as pdf:
            assert str(pdf.docinfo["/Title"]) == title


def test_a_company_is_written_to_once(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")

    assert send(company)
    assert not send(company)
    work()

    assert len(mailoutbox) == 1


def test_without_an_address_the_papers_are_kept_for_the_post(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Nobody To Write To LLC", email="")

    assert not send(company, to=None)
    work()

    assert mailoutbox == []
    assert find_pdf(letter_reference(company.public_id))
    assert find_pdf(sample_reference(company.public_id))


def test_a_company_that_takes_nothing_yet_gets_the_letter_alone(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = make_company(vendor=world.vendor, billing_email="sam@example.com")

    assert send(company)
    work()

    assert len(mailoutbox[0].attachments) == 1
    assert "a sample of your invoice" not in mailoutbox[0].body


@pytest.mark.parametrize(("language", "month"), [("fr", "octobre 2020"), ("es", "octubre de 2020")])
def test_the_letter_is_in_the_companys_language(
    world: World, work: Work, mailoutbox: Outbox, language: str, month: str
) -> None:
    company = world.company("Poisson frais", language=language)

    send(company)
    work()

    assert month in mailoutbox[0].body
    paper = find_pdf(letter_reference(company.public_id))
    assert paper
    with pikepdf.open(BytesIO(paper.content)) as pdf:
        assert str(pdf.Root.Lang).startswith(language)
