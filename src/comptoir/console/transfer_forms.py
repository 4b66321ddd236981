"""What the team is asked for each thing that it does about a change of owner."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comptoir.customers.queries import stores_to_hand_over
from comptoir.kit.safe_words import SafeWords
from comptoir.tenancy.queries import CompanyRow, company_by_number
from comptoir.transfers import answering, deciding, starting
from comptoir.transfers.documents import add_documents
from comptoir.transfers.forms import (
    InviteForm,
    PapersForm,
    ReasonForm,
    RefusableForm,
    SaleForm,
    StoresForm,
)
from comptoir.transfers.queries import TransferRow, new_company
from comptoir.transfers.starting import OtherSide

from .shell import StaffVisit

Words = str | Promise
PLACED = "asked"


class TeamForm(RefusableForm):
    """A form by which the team does something."""

    title: ClassVar[Words]
    button: ClassVar[Words]
    done: ClassVar[Words]
    hint: ClassVar[Words] = ""

    def __init__(self, *args: Any, visit: StaffVisit, **kwargs: Any) -> None:
        self.visit = visit
        super().__init__(*args, **kwargs)

    def act(self) -> UUID | None:
        """Do it, within the vendor's door; return the id of what was made, if anything. Raises TransferRefused."""
        raise NotImplementedError


class TransferAct(TeamForm):
    """Something that is done about one change of owner."""

    statuses: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, row: TransferRow, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    @classmethod
    def is_for(cls, row: TransferRow) -> bool:
        """Return whether it can be done as things stand."""
        return row.status in cls.statuses

    @property
    def who(self) -> dict[str, Any]:
        """Return what it is done to, by whom and when."""
        return {"public_id": self.row.public_id, "actor": self.visit.actor, "now": self.visit.now}


class ApproveForm(TransferAct):
    """Approve."""

    title, button, done = _("Approve the change of owner"), _("Approve it"), _("It is approved; both sides are told.")
    hint = _("On the day, the stores pass over by themselves. Until then each side, and you, can withdraw.")
    statuses = ("accepted",)
    prices = forms.ChoiceField(
        label=_("At which prices does the buyer take over?"),
        choices=(
            ("agreed", _("As agreed with the seller, discounts too")),
            ("list", _("The plans' own prices, without discounts")),
        ),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row.buyer_id is None:
            given = new_company(self.row.id)
            self.fields["number"] = forms.CharField(
                label=_("Customer number of the new company"),
                help_text=gettext("%(name)s becomes a customer, with a login for %(person)s.")
                % {"name": self.row.buyer_name, "person": given.person if given else self.row.buyer_email},
                initial=self.row.buyer_number,
                max_length=50,
            )

    def act(self) -> None:
        """Approve."""
        deciding.approve(prices=self.cleaned_data["prices"], number=self.cleaned_data.get("number", ""), **self.who)


class DeclineForm(TransferAct):
    """Decline, with a reason."""

    title, button, done = _("Decline the change of owner"), _("Decline it"), _("It is declined; both sides are told.")
    statuses = ("asked", "started", "accepted")
    reason = SafeWords(label=_("Why?"), help_text=_("Both sides are told."), max_length=500)

    def act(self) -> None:
        """Decline."""
        deciding.decline(reason=self.cleaned_data["reason"], **self.who)


class WithdrawForm(TransferAct, ReasonForm):
    """Withdraw what was approved."""

    title, button, done = (
        _("Withdraw the change of owner"),
        _("Withdraw it"),
        _("It is withdrawn; both sides are told."),
    )
    statuses = ("approved",)

    def act(self) -> None:
        """Withdraw."""
        answering.withdraw(company_id=None, reason=self.cleaned_data["reason"], **self.who)


class InviteAgainForm(TransferAct, InviteForm):
    """Send the buyer a new link."""

    title, button, done = _("Send the invitation again"), _("Send a new link"), _("The invitation is on its way.")
    hint = _("The link sent before does not work any more.")
    statuses = ("started",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = self.row.buyer_email

    @classmethod
    def is_for(cls, row: TransferRow) -> bool:
        """Return whether a buyer still has an invitation."""
        return row.waits_for("buyer") and row.invitation is not None

    def act(self) -> None:
        """Invite."""
        answering.invite_again(company_id=None, email=self.cleaned_data["email"], **self.who)


class AddPapersForm(TransferAct, PapersForm):
    """Add papers of the team's own."""

    title, button, done = _("Add papers"), _("Add papers"), _("The papers are kept with it.")
    statuses = ("asked", "started", "accepted", "approved")

    def act(self) -> None:
        """Add them."""
        add_documents(company_id=None, files=self.cleaned_data["attached"], **self.who)


class PlaceForm(TransferAct, StoresForm):
    """Say whose the stores are that a buyer asked for, and which."""

    title, button, done = _("Name the stores"), _("Ask the seller"), _("The seller is asked to accept.")
    hint = _("The company whose stores these are is asked to accept; the buyer has accepted already.")
    statuses = (PLACED,)

    def __init__(self, *args: Any, seller: CompanyRow, **kwargs: Any) -> None:
        self.seller = seller
        super().__init__(*args, **kwargs)
        self.offer(stores_to_hand_over(seller.id, on=self.row.takes_effect_on).values())

    def act(self) -> None:
        """Name them."""
        starting.place(
            public_id=self.row.public_id,
            seller=self.seller,
            store_ids=self.store_ids(),
            actor=self.visit.actor,
        )


class StartForm(TeamForm, SaleForm):
    """Start one for both sides."""

    title, button, done = _("Start a change of owner"), _("Ask both sides"), _("Both sides are asked to accept.")
    hint = _("The day may have passed, as long as the books are open. Who is a customer accepts after logging in.")

    def __init__(self, *args: Any, visit: StaffVisit, seller: CompanyRow, **kwargs: Any) -> None:
        self.seller = seller
        stores = stores_to_hand_over(seller.id, on=visit.today).values()
        super().__init__(*args, visit=visit, stores=stores, initial={"language": seller.language}, **kwargs)
        for name in ("name", "email"):
            self.fields[name].required = False
            self.fields[name].help_text = _("Only if the buyer is no customer yet.")

    def clean(self) -> dict[str, Any]:
        """Find the buyer by its number, or else by name and address."""
        given = self.cleaned_data
        if given.get("number"):
            self.buyer_row = company_by_number(vendor_id=self.visit.vendor.id, number=given["number"].strip())
            if self.buyer_row is None:
                self.add_error("number", gettext("No customer has this number; leave it empty for a new company."))
        else:
            self.buyer_row = None
            for name in ("name", "email"):
                if name in given and not given[name]:
                    self.add_error(name, gettext("Give the buyer's customer number, or else name and e-mail address."))
        return given

    def act(self) -> UUID:
        """Start it."""
        given = self.cleaned_data
        return starting.start_for_both(
            seller=self.seller,
            store_ids=self.store_ids(),
            on=given["on"],
            buyer=self.buyer_row or OtherSide(email=given["email"], name=given["name"], language=given["language"]),
            papers=self.papers(),
            actor=self.visit.actor,
            today=self.visit.today,
            now=self.visit.now,
        )


ACTS: dict[str, type[TransferAct]] = {
    "approve": ApproveForm,
    "decline": DeclineForm,
    "withdraw": WithdrawForm,
    "invite": InviteAgainForm,
    "papers": AddPapersForm,
}
