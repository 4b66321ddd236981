"""How a vendor collects: what happens after a refusal, and how many debits come back."""

from dataclasses import replace

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.catalog.queries import products
from comptoir.payments.code_names import code_in_words
from comptoir.payments.policies import Policy, policy_of, set_policy
from comptoir.payments.return_rates import Rate, return_rates

from .acts import ActForm, AmountField, act_page
from .shell import StaffRequest, door, page, staff_page

RATE_WORDS: dict[str, str | Promise] = {
    "unauthorised": _("Not authorised"),
    "administrative": _("Wrong or closed accounts"),
    "overall": _("All returns"),
}
RATE_STATES: dict[str, tuple[str | Promise, str]] = {
    "fine": (_("Fine"), "success"),
    "few": (_("Over, of few debits"), "info"),
    "near": (_("Near the limit"), "warning"),
    "over": (_("Over the limit"), "danger"),
}


class PolicyForm(ActForm):
    """Set what happens after a refusal."""

    title, button, done = _("What happens after a refusal"), _("Set it"), _("Set. It counts for refusals from now on.")
    note = _(
        "The network lets a bank debit be presented again twice at most, for the same amount, within 180 days, and "
        "only where the money was not there (R01, R09). A fee may be charged once for each such return, if the "
        "customer was told of it beforehand: the words of an authorisation, the page on which one pays and the slip "
        "for a check name what holds then, and more than that is not charged. The laws of the customer’s state limit "
        "its amount."
    )
    debit_retries = forms.IntegerField(label=_("How often a bank debit is presented again"), min_value=0, max_value=2)
    debit_retry_days = forms.IntegerField(label=_("Days after the refusal, at least"), min_value=1, max_value=60)
    debit_retry_on_payday = forms.BooleanField(
        label=_("Wait for the next usual payday: the 15th, or the month’s last day"), required=False
    )
    card_retry_days = forms.RegexField(
        label=_("Days after a card’s first refusal on which it is tried again"),
        help_text=_("For example 2, 7, 14, 21; empty never. At most 15 times in 30 days."),
        regex=r"^[0-9 ,]*$",
        required=False,
        max_length=60,
    )

    def ask(self, now: Policy) -> "PolicyForm":
        """Ask, beginning with how it is now."""
        currency, vendor_id = self.visit.vendor.currency, self.visit.vendor.id
        for name, label, help_text in (
            ("fee", _("Fee for a returned debit"), _("On the next invoice, plus taxes; empty charges nothing.")),
            (
                "check_fee",
                _("Fee for a returned check"),
                _("Slips for checks name it; it counts for checks that come in from now on."),
            ),
            ("cap", _("At most in a calendar month"), _("Empty is without limit.")),
        ):
            self.fields[name] = AmountField(
                label=f"{label} ({currency})", currency=currency, required=False, min_value=0, help_text=help_text
            )
        choices = [("", "–"), *((row.id, row.name) for row in products(vendor_id))]
        self.fields["product"] = forms.TypedChoiceField(
            label=_("Product under which the fee is charged"),
            choices=choices,
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.initial = {
            "debit_retries": now.debit_retries,
            "debit_retry_days": now.debit_retry_days,
            "debit_retry_on_payday": now.debit_retry_on_payday,
            "card_retry_days": ", ".join(map(str, now.card_retry_days)),
            "fee": now.return_fee_minor or None,
            "check_fee": now.check_fee_minor or None,
            "cap": now.return_fee_cap_minor,
            "product": now.return_fee_product_id,
        }
        return self

    def act(self) -> None:
        """Set it."""
        given, vendor_id = self.cleaned_data, self.visit.vendor.id
        policy = replace(
            policy_of(vendor_id),
            debit_retries=given["debit_retries"],
            debit_retry_days=given["debit_retry_days"],
            debit_retry_on_payday=given["debit_retry_on_payday"],
            card_retry_days=tuple(int(day) for day in given["card_retry_days"].replace(",", " ").split()),
            return_fee_minor=given["fee"] or 0,
            check_fee_minor=given["check_fee"] or 0,
            return_fee_cap_minor=given["cap"] or None,
            return_fee_product_id=given["product"],
        )
        set_policy(vendor_id=vendor_id, policy=policy, actor=self.visit.actor)


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show how many debits come back, why, and what happens then."""
    visit = request.visit
    with door(visit):
        found = return_rates(visit.vendor.id, on=visit.today)
        policy = policy_of(visit.vendor.id)
    context = {
        "found": found,
        "rates": [_in_words(rate) for rate in found.rates],
        "codes": [(code, code_in_words(code), times) for code, times in found.codes],
        "policy": policy,
        "card_days": ", ".join(map(str, policy.card_retry_days)),
        "is_admin": visit.role == "admin",
    }
    return page(request, "console/payments/collecting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("admin")
def policy(request: StaffRequest) -> HttpResponse:
    """Set what happens after a refusal."""
    visit = request.visit
    with door(visit):
        now = policy_of(visit.vendor.id)
    return act_page(
        request,
        make=lambda posted: PolicyForm(posted, visit=visit).ask(now),
        back=reverse("console:collecting", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("Returns"), "what": visit.vendor.name},
    )


def _in_words(rate: Rate) -> dict[str, object]:
    word, tone = RATE_STATES[rate.state]
    return {"row": rate, "name": RATE_WORDS[rate.name], "word": word, "tone": tone}
