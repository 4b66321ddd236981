"""Why a line comes to its amount, in words: price, days, proration, discount, taxes. For customers and team alike."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.kit.dates import format_date
from comptoir.kit.lookups import Uuids
from comptoir.kit.money import format_money, percent
from comptoir.kit.together import ask_together

from .models import InvoiceLine
from .queries import TaxRow, lines_of, taxes_of


def explanations(*, invoice: UUID, currency: str) -> dict[int, tuple[str, ...]]:
    """Return for each line of an invoice, by its position, the sentences that say why it comes to its amount."""
    language = get_language() or "en"
    lines, taxes = lines_of(public_ids=Uuids([invoice])), taxes_of(public_ids=Uuids([invoice]))
    ask_together(lines, taxes)
    return {
        line.position: tuple(_price(line, currency, language) + _taxes(line, taxes.read(), currency, language))
        for line in lines.read()
    }


def _price(line: InvoiceLine, currency: str, language: str) -> list[str]:
    def money(minor: int) -> str:
        return format_money(amount_minor=minor, currency=currency, language=language)

    words: dict[str, str | int] = {
        "price": money(line.unit_minor),
        "discount": money(line.discount_minor),
        "reduced": money(line.unit_minor - line.discount_minor),
        "amount": money(line.amount_minor),
    }
    discounted = [_("Less a discount of %(discount)s: %(reduced)s.") % words] if line.discount_minor else []
    if line.starts_on is None or line.ends_on is None or not line.full_days:
        return [_("A single charge of %(price)s.") % words, *discounted]
    used = (line.ends_on - line.starts_on).days
    words |= {"full": line.full_days, "used": used, "first": _day(line.starts_on, language)}
    words |= {"last": _day(line.ends_on - timedelta(days=1), language)}
    said = [_("The price of a full period of %(full)s days is %(price)s.") % words, *discounted]
    if used == line.full_days:
        return [*said, _("Billed: all of it, %(first)s to %(last)s.") % words]
    return [
        *said,
        _("Billed: %(used)s of %(full)s days, %(first)s to %(last)s: %(reduced)s × %(used)s ÷ %(full)s = %(amount)s.")
        % words,
    ]


def _taxes(line: InvoiceLine, taxes: Mapping[int, TaxRow], currency: str, language: str) -> list[str]:
    if not line.tax_positions:
        return [_("No tax is charged on it.")]
    return [
        _("%(jurisdiction)s at %(rate)s: %(tax)s.")
        % {
            "jurisdiction": taxes[position].name,
            "rate": percent(taxes[position].rate, language=language),
            "tax": format_money(amount_minor=minor, currency=currency, language=language),
        }
        for position, minor in zip(line.tax_positions, line.tax_parts, strict=True)
    ]


def _day(day: date, language: str) -> str:
    return format_date(day=day, language=language)
