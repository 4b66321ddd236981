"""From plain facts to a mail in the company's language: a folder of templates for each kind of news."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from comptoir.customers.queries import billing_email
from comptoir.customers.recipients import RecipientRow, token_of, who_agreed
from comptoir.look.brand import tokens
from comptoir.mailer import operations as mailer
from comptoir.tenancy.queries import CompanyRow, VendorRow
from comptoir.tenancy.queries import vendor as vendor_of

from . import links

HOLE = re.compile(r"\n{3,}")  # where a part of the layout has nothing to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail's words, in one language."""

    subject: str
    text: str
    html: str


def compose(*, name: str, vendor: VendorRow, language: str, facts: Mapping[str, Any]) -> Mail:
    """Write the news ``name`` (a folder of templates) in ``language``.

    ``facts`` are plain values, with money and dates written out already.
    """
    context = {
        **facts,
        "vendor": vendor,
        "language": language,
        "light": tokens(colour=vendor.colour, dark=False),
        "dark": tokens(colour=vendor.colour, dark=True),
    }
    with translation.override(language):
        return Mail(
            subject=render_to_string(f"notices/{name}/subject.txt", context).strip(),
            text=HOLE.sub("\n\n", render_to_string(f"notices/{name}/body.txt", context).strip()) + "\n",
            html=render_to_string(f"notices/{name}/body.html", context).strip() + "\n",
        )


def write(
    *,
    name: str,
    key: str,
    vendor: VendorRow,
    company_id: int | None,
    language: str,
    to: str,
    facts: Mapping[str, Any],
    attachments: Sequence[mailer.File] = (),
    opens_a_door: bool = False,
) -> bool:
    """Compose the news ``name`` and have it mailed once, as ``mailer.operations.send`` does."""
    mail = compose(name=name, vendor=vendor, language=language, facts=facts)
    with translation.override(language):
        return mailer.send(
            key=key,
            vendor=vendor,
            company_id=company_id,
            to=to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            attachments=attachments,
            opens_a_door=opens_a_door,
        )


def write_to_company(
    *,
    name: str,
    key: str,
    buyer: CompanyRow,
    facts: Mapping[str, Any],
    attachments: Sequence[mailer.File] = (),
    language: str = "",
    to_billing: bool = True,
    to_others: bool = False,
) -> bool:
    """Have the news ``name`` mailed once to where a company's bills go, in its language or another.

    With ``to_others`` it goes also to the further addresses that agreed to get the bills, each with a link to leave.
    Returns whether it was put down to be sent to the billing address: False also where the company has none.
    """
    return write_to(
        Reached(
            vendor=vendor_of(buyer.vendor_id),
            to=(billing_email(buyer.id) or "") if to_billing else "",
            others=who_agreed([buyer.id]).get(buyer.id, []) if to_others else [],
        ),
        name=name,
        key=key,
        buyer=buyer,
        facts=facts,
        attachments=attachments,
        language=language,
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a vendor's mail reaches a company: ``to`` is empty where it has no address for its bills."""

    vendor: VendorRow
    to: str
    others: Sequence[RecipientRow]


def write_to(
    reached: Reached,
    *,
    name: str,
    key: str,
    buyer: CompanyRow,
    facts: Mapping[str, Any],
    attachments: Sequence[mailer.File] = (),
    language: str = "",
) -> bool:
    """Do what ``write_to_company`` does, for whoever has looked up many companies at once where mail reaches them."""

    def write_one(to: str, *, key: str, facts: Mapping[str, Any]) -> bool:
        return write(
            name=name,
            key=key,
            vendor=reached.vendor,
            company_id=buyer.id,
            language=language or buyer.language,
            to=to,
            facts=facts,
            attachments=attachments,
        )

    is_written = bool(reached.to) and write_one(reached.to, key=key, facts=facts)
    for other in reached.others:
        leave = links.recipient_url(token_of(other.public_id, purpose="leave"))
        write_one(other.email, key=f"{key}:to:{other.public_id}", facts={**facts, "leave_url": leave})
    return is_written
