"""What the team is asked when money goes back, and what it says of checks that a person writes."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comptoir.kit.safe_words import SafeWords
from comptoir.look.templatetags.look import money
from comptoir.payments.queries import PaymentRow
from comptoir.payments.refunds.requesting import (
    Why,
    refuse_refund,
    request_credit_refund,
    request_payment_refund,
)
from comptoir.payments.refunds.review import Review, choice_of_payment, review_of_credit, review_of_payment
from comptoir.payments.refunds.words import reason_words
from comptoir.payments.refunds.writing import check_was_not_written, check_was_written
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, AmountField, OnceForm
from .askers import asker
from .shell import StaffVisit


class RefundForm(OnceForm):
    """How much goes back, and why."""

    def __init__(self, *args: Any, visit: StaffVisit, currency: str, most_minor: int, **kwargs: Any) -> None:
        super().__init__(*args, visit=visit, **kwargs)
        self.fields["amount"] = AmountField(
            label=f"{gettext('Amount')} ({currency})",
            currency=currency,
            min_value=0,
            initial=most_minor,
            help_text=gettext("Up to %(amount)s") % {"amount": money(most_minor, currency)},
        )
        self.add_sources()
        self.fields["reason"] = forms.ChoiceField(
            label=_("Reason"),
            choices=list(reason_words().items()),
            help_text=_("The customer reads it."),
        )
        self.fields["explanation"] = SafeWords(
            label=_("What happened"),
            help_text=_("For the team alone; stays on record."),
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def add_sources(self) -> None:
        """Ask for what the amount comes off, where there is a choice."""

    @property
    def why(self) -> Why:
        """Return why the money goes back."""
        return Why(reason=self.cleaned_data["reason"], explanation=self.cleaned_data["explanation"])

    def review(self) -> Review:
        """Return what it will do, within the vendor's door."""
        raise NotImplementedError

    def ask(self) -> bool:
        """Ask for it, within the vendor's door; return whether it is allowed already."""
        raise NotImplementedError


class PaymentRefundForm(RefundForm):
    """Give a payment back, all of it or a part."""

    def __init__(self, *args: Any, visit: StaffVisit, payment: PaymentRow, **kwargs: Any) -> None:
        self.payment = payment
        self.choice = choice_of_payment(payment.public_id, asker=asker(visit))
        super().__init__(*args, visit=visit, currency=payment.currency, most_minor=self.choice.left_minor, **kwargs)

    def add_sources(self) -> None:
        """Ask which invoices may be opened again, for what the company's credit does not cover."""
        if self.choice.paid:
            self.fields["invoices"] = forms.MultipleChoiceField(
                label=_("Invoices that may be open again"),
                choices=[
                    (str(row.public_id), f"{row.number} · {money(minor, row.currency)}")
                    for row, minor in self.choice.paid
                ],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text=gettext(
                    "The company’s credit (%(credit)s) is used first. What is left comes off these invoices, so that "
                    "they are owed again. If they should not be, give a credit note first."
                )
                % {"credit": money(self.choice.credit_minor, self.payment.currency)},
            )

    @property
    def asked(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "amount_minor": self.cleaned_data["amount"],
            "invoices": [UUID(each) for each in self.cleaned_data.get("invoices", [])],
            "asker": asker(self.visit),
        }

    def review(self) -> Review:
        """Return what it will do."""
        return review_of_payment(self.payment.public_id, **self.asked)

    def ask(self) -> bool:
        """Ask for it."""
        return request_payment_refund(self.payment.public_id, **self.asked, why=self.why).status == "approved"


class CreditRefundForm(RefundForm):
    """Give back a company's credit."""

    def __init__(self, *args: Any, company: CompanyRow, **kwargs: Any) -> None:
        self.company = company
        super().__init__(*args, **kwargs)

    @property
    def asked(self) -> dict[str, Any]:
        """Return what is asked for."""
        return {
            "currency": self.visit.vendor.currency,
            "amount_minor": self.cleaned_data["amount"],
            "asker": asker(self.visit),
        }

    def review(self) -> Review:
        """Return what it will do."""
        return review_of_credit(self.company.id, **self.asked)

    def ask(self) -> bool:
        """Ask for it."""
        return request_credit_refund(self.company.id, **self.asked, why=self.why).status == "approved"


class TurnDownForm(ActForm):
    """Turn a refund down."""

    title, button, done = _("Turn down"), _("Turn it down"), _("The refund is turned down.")
    why = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    request_id: UUID

    def act(self) -> None:
        """Turn it down."""
        refuse_refund(self.request_id, why=self.cleaned_data["why"], asker=asker(self.visit))


class WrittenForm(ActForm):
    """Say that the check was written."""

    title, button = _("The check is written"), _("Put it on record")
    done = _("The check is on record; the customer is told.")
    number = SafeWords(label=_("Number of the check"), max_length=40)
    refund_id: UUID

    def act(self) -> None:
        """Put it on record."""
        visit = self.visit
        number = self.cleaned_data["number"]
        check_was_written(self.refund_id, number=number, today=visit.today, actor=visit.actor, now=visit.now)


class NotWrittenForm(ActForm):
    """Say that the check is not going to be written."""

    title, button = _("No check is written"), _("Make it credit again")
    done = _("It becomes the company’s credit again.")
    note = _("Only where the check was not written, or was destroyed. The amount becomes the company’s credit again.")
    refund_id: UUID

    def act(self) -> None:
        """Put it on record."""
        check_was_not_written(self.refund_id, actor=self.visit.actor, now=self.visit.now)


CHECK_ACTS: dict[str, type[WrittenForm] | type[NotWrittenForm]] = {
    "check-written": WrittenForm,
    "check-not-written": NotWrittenForm,
}
