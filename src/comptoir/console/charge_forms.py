"""What is asked for to charge something once, and to withdraw it before it is billed."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.queries import products
from comptoir.invoicing.finding import invoices_of_charges
from comptoir.kit.safe_words import SafeWords
from comptoir.look.templatetags.look import money
from comptoir.subscriptions import terms
from comptoir.subscriptions.queries import charges

from .service_forms import CompanyAct, chosen_id

FORESEEN = timedelta(days=5 * 365)


class ChargeForm(CompanyAct):
    """Charge something once."""

    title, button = _("Charge once"), _("Charge it")
    done = _("It is charged on the next invoice.")

    def ask(self) -> None:
        """Ask what for, where, how much and when."""
        sold = [(str(row.id), row.name) for row in products(self.visit.vendor.id)]
        self.fields["product"] = forms.ChoiceField(
            label=_("Product"), choices=sold, help_text=_("Taxes follow from what the product is.")
        )
        self.fields["store"] = self.store(_("For"), required=False)
        self.fields["description"] = SafeWords(label=_("As the invoice says it"), max_length=200)
        self.fields["amount"] = self.amount(_("Amount without taxes"))
        self.fields["charge_on"] = self.day(_("On"))

    def act(self) -> None:
        """Charge it."""
        given = self.cleaned_data
        charge = terms.NewCharge(
            product_id=int(given["product"]),
            location_id=chosen_id(given["store"]),
            description=given["description"],
            amount_minor=given["amount"],
            charge_on=given["charge_on"],
        )
        terms.charge_once(**self.who, charge=charge)


class WithdrawForm(CompanyAct):
    """Withdraw a charge."""

    title, button, done = _("Withdraw a charge"), _("Withdraw it"), _("It is not charged any more.")
    note = _("Only what is not billed yet; what is billed is given back on its invoice.")

    def ask(self) -> None:
        """Ask which and why."""
        known = charges(company_ids=[self.company.id], through=self.visit.today + FORESEEN)
        billed = invoices_of_charges([row.id for row in known])
        waiting = [row for row in known if row.id not in billed and not row.is_withdrawn]
        self.fields["charge"] = forms.ChoiceField(
            label=_("Charge"),
            choices=[
                (str(row.id), f"{row.description}, {money(row.amount_minor, self.visit.vendor.currency)}")
                for row in waiting
            ],
        )
        self.why()

    def act(self) -> None:
        """Withdraw it."""
        given = self.cleaned_data
        terms.withdraw_charge(**self.who, charge_id=int(given["charge"]), reason=given["reason"])
