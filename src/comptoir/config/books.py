"""The proof of the whole database: every package's questions, asked together."""

from comptoir.cutover.books import CHECKS as CUTOVER
from comptoir.dunning.books import CHECKS as DUNNING
from comptoir.invoicing.books import CHECKS as INVOICING
from comptoir.kit.books import BookCheck, Breach, find_breach
from comptoir.ledger.books import CHECKS as LEDGER
from comptoir.payments.books import CHECKS as PAYMENTS
from comptoir.payments.checks.books import CHECKS as RECEIVED_CHECKS
from comptoir.payments.reconciling.books import CHECKS as RECONCILING
from comptoir.transfers.books import CHECKS as TRANSFERS

CHECKS: tuple[BookCheck, ...] = (
    *LEDGER,
    *INVOICING,
    *PAYMENTS,
    *RECEIVED_CHECKS,
    *RECONCILING,
    *CUTOVER,
    *TRANSFERS,
    *DUNNING,
)


def check_books() -> list[Breach]:
    """Ask every question; return what does not hold, which should be nothing."""
    return [breach for check in CHECKS if (breach := find_breach(check))]
