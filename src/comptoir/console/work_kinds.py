"""What each kind of work is called on the team's list, and which page settles it. A test finds kinds that lack here."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.work.queries import WorkRow

Words = str | Promise


@dataclass(frozen=True, slots=True)
class WorkKind:
    """What an item is called, what it means, and by ``page`` the address of where it is settled.

    What has no page of its own, or whose page does not settle it (``by_word``), is settled by a person's word on the
    list.
    """

    title: Words
    words: Words
    page: Callable[[str, WorkRow], str] | None = None
    by_word: bool = False


def subject_page(view: str, argument: str) -> Callable[[str, WorkRow], str]:
    """Return the address of a console page that takes the subject's id as ``argument``."""

    def address(vendor: str, row: WorkRow) -> str:
        return reverse(f"console:{view}", kwargs={"vendor": vendor, argument: row.subject_id})

    return address


def vendor_page(view: str) -> Callable[[str, WorkRow], str]:
    """Return the address of a console page that lists what is to be settled, this among it."""

    def address(vendor: str, _row: WorkRow) -> str:
        return reverse(f"console:{view}", kwargs={"vendor": vendor})

    return address


KINDS: dict[str, WorkKind] = {
    "bill_run_due": WorkKind(
        title=_("A bill run is due"),
        words=_(
            "Something is to be invoiced by now, and nothing is issued by itself. Plan a run, look at it, approve it."
        ),
        page=vendor_page("bill_runs"),
    ),
    "dispute": WorkKind(
        title=_("A payment is disputed"),
        words=_("Its bank has withdrawn the amount, and takes an answer until that day."),
        page=subject_page("dispute", "dispute"),
    ),
    "refund_check": WorkKind(
        title=_("A check to write"),
        words=_("A refund that no payment carries back. Write the check, then put its number on record."),
        page=subject_page("refund", "refund"),
    ),
    "refund_failed": WorkKind(
        title=_("A refund did not arrive"),
        words=_("The bank refused it, or what it was to come from was gone. Look at it and find another way."),
        page=subject_page("refund", "refund"),
        by_word=True,
    ),
    "processor_not_ready": WorkKind(
        title=_("The payment processor takes no payments"),
        words=_(
            "It refuses what we ask, for no fault of a customer’s: a key, a setting, an account that it restricts. Our "
            "log says which. Payments wait, and are made once it takes them again."
        ),
        by_word=True,
    ),
    "books_differ": WorkKind(
        title=_("The books differ"),
        words=_("Our books and the payment processor’s say different things."),
        page=vendor_page("reconciliation"),
    ),
    "deposit_differs": WorkKind(
        title=_("A deposit does not tie out"),
        words=_("The bank credited what no checks here add up to, or has not named a deposit of ours for a week."),
        page=subject_page("deposit", "deposit"),
        by_word=True,
    ),
    "check_return_unknown": WorkKind(
        title=_("A check came back that nobody knows"),
        words=_(
            "The bank’s file sends one back that is not here, or not for sure. Find it among the checks and say so."
        ),
        page=subject_page("bank_file", "bank_file"),
        by_word=True,
    ),
    "return_rate": WorkKind(
        title=_("Many debits come back"),
        words=_("A return rate is near, or over, what the network allows."),
        page=vendor_page("collecting"),
    ),
    "return_to_review": WorkKind(
        title=_("A returned payment to look at"),
        words=_("The account is not debited again until its customer has been spoken with."),
        page=subject_page("payment", "payment"),
        by_word=True,
    ),
    "debit_not_begun": WorkKind(
        title=_("An automatic payment could not be begun"),
        words=_(
            "Something is wrong with this company alone; our log says what. It is tried again every day. The company "
            "is reminded of nothing that was to be debited meanwhile."
        ),
        page=subject_page("company", "company"),
        by_word=True,
    ),
    "debit_untold": WorkKind(
        title=_("A debit could not be announced"),
        words=_("The company has no e-mail address. A differing amount is not taken untold: enter an address."),
        page=subject_page("company", "company"),
    ),
    "dunning_brake": WorkKind(
        title=_("Suspensions to allow"),
        words=_("More companies than usual would lose access in a day. None does until you have decided."),
        page=vendor_page("dunning_stops"),
    ),
    "reminder_to_call": WorkKind(
        title=_("Call about what is overdue"),
        words=_("No reminder reaches this company, by e-mail or on paper. Call, and enter an address that does."),
        page=subject_page("company_dunning", "company"),
        by_word=True,
    ),
    "never_closed": WorkKind(
        title=_("Stores that are never all closed"),
        words=_("A product is to be closed, and there is no hour for it. Speak with the customer, or enter the hours."),
        page=subject_page("company_dunning", "company"),
        by_word=True,
    ),
    "hand_over": WorkKind(
        title=_("A company to hand over"),
        words=_("Reminders and suspension have not helped. The list can be taken away as a file."),
        page=vendor_page("hand_over"),
        by_word=True,
    ),
    "mail_came_back": WorkKind(
        title=_("Mail came back"),
        words=_("Nothing more is sent to this address until somebody clears it."),
        page=vendor_page("mail"),
    ),
    "mail_failed": WorkKind(
        title=_("Mail could not be sent"), words=_("Reach them another way; the page Mail says why.")
    ),
    "mail_in_doubt": WorkKind(
        title=_("Mail in doubt"),
        words=_("It may or may not have gone out when it was interrupted."),
        page=vendor_page("mail"),
    ),
    "program_not_told": WorkKind(
        title=_("A program takes no news"),
        words=_(
            "For hours it did not answer at the address for changes of access, and may let in whoever it should not. "
            "Once it answers again, it is told to ask for all stores."
        ),
        page=vendor_page("programs"),
        by_word=True,
    ),
    "wave_to_send": WorkKind(
        title=_("A wave’s letters are due"),
        words=_("Its day has come, and nothing goes out by itself. Look at the wave and send it, or change the plan."),
        page=subject_page("wave", "wave"),
    ),
    "letter_to_call": WorkKind(
        title=_("Call about the move"),
        words=_("No letter reaches this company, by e-mail or on paper. Call, and note what was said."),
        page=subject_page("company", "company"),
        by_word=True,
    ),
    "missing_to_call": WorkKind(
        title=_("Call before the deadline"),
        words=_(
            "No mail reaches this company, and it has not set a password, checked its stores or saved a payment method "
            "yet. Call and say what is missing, before its deadline."
        ),
        page=subject_page("company", "company"),
        by_word=True,
    ),
    "deadline_to_call": WorkKind(
        title=_("Call about the deadline"),
        words=_(
            "No letter reaches this company, and it saved no payment method: it pays by check now. Call and say so."
        ),
        page=subject_page("company", "company"),
        by_word=True,
    ),
    "message": WorkKind(
        title=_("A customer waits for an answer"),
        words=_("By secure message."),
        page=subject_page("message", "thread"),
    ),
    "stores_differ": WorkKind(
        title=_("Stores that differ"),
        words=_("A customer says something else of its stores than our list does."),
        page=vendor_page("differences"),
    ),
    "transfer_to_place": WorkKind(
        title=_("Stores that somebody takes over"),
        words=_("Look up whose they are, so that their owner can accept the change of owner."),
        page=subject_page("transfer", "transfer"),
    ),
    "transfer_to_approve": WorkKind(
        title=_("A change of owner to approve"),
        words=_("Both sides have accepted."),
        page=subject_page("transfer", "transfer"),
    ),
    "transfer_stuck": WorkKind(
        title=_("A change of owner is stuck"),
        words=_("Its day has come and the stores could not pass, since something has changed. Withdraw it, or write."),
        page=subject_page("transfer", "transfer"),
    ),
}
