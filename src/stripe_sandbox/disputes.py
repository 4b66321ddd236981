"""Disputes: a bank's late return is lost from the start; a card holder's complaint can be answered in time."""

from . import balance, shapes
from .errors import ApiError
from .intents import number_behind
from .params import Params
from .store import Account, Body, new_id
from .testnumbers import Complaint
from .webhooks import emit

# Stripe's own words for its test mode: what is sent as evidence says how the card holder's bank decides.
WINS, LOSES = "winning_evidence", "losing_evidence"
OPEN = ("needs_response", "under_review")


REASONS = (
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
UNAUTHORISED = ("R05", "R07", "R10", "R11", "R29")


def return_debit(account: Account, charge: Body, *, code: str) -> None:
    """Have the bank return a debit that has arrived, with a code of the network's, on any day."""
    if charge["payment_method_details"]["type"] != "us_bank_account" or charge["status"] != "succeeded":
        raise ApiError(f"{charge['id']} is no bank debit that has arrived.", param="charge")
    if charge["disputed"]:
        raise ApiError(f"{charge['id']} has come back already.", param="charge")
    reason = "debit_not_authorized" if code in UNAUTHORISED else "bank_cannot_process"
    reason = "insufficient_funds" if code in ("R01", "R09") else reason
    _take_back(account, charge, Complaint(reason=reason, network_reason_code=code))


def object_to(account: Account, charge: Body, *, reason: str) -> None:
    """Have a card holder object to a payment that has arrived, for one of Stripe's reasons."""
    if charge["payment_method_details"]["type"] != "card" or charge["status"] != "succeeded":
        raise ApiError(f"{charge['id']} is no card payment that has arrived.", param="charge")
    if charge["disputed"]:
        raise ApiError(f"{charge['id']} is disputed already.", param="charge")
    if reason not in REASONS:
        raise ApiError(f"A card holder's reason is one of {', '.join(REASONS)}.", param="reason")
    _take_back(account, charge, Complaint(reason=reason, network_reason_code=None))


def complain(account: Account, charge: Body) -> None:
    """Have the bank take a paid charge back.

    Stripe tells of a bank's late return as of any dispute. Those of bank debits are lost from the start, and
    one that says that the debit was not authorised ends the authorisation. A card holder gets back what was not
    refunded yet; a bank returns the whole debit.
    """
    method = account.get("payment_method", charge["payment_method"])
    complaint = number_behind(account, method).complaint
    if complaint is None:
        raise LookupError(f"Nobody complains about {charge['id']}.")
    _take_back(account, charge, complaint)


def _take_back(account: Account, charge: Body, complaint: Complaint) -> None:
    method = account.get("payment_method", charge["payment_method"])
    bank = method["type"] == "us_bank_account"
    amount = charge["amount"] if bank else charge["amount"] - charge["amount_refunded"]
    if not amount:
        return
    dispute = _new_dispute(account, charge, method, complaint, amount=amount)
    account.add(dispute)
    charge["disputed"] = True
    account.save(charge)
    emit(account, "charge.dispute.created", dispute)
    emit(account, "charge.dispute.funds_withdrawn", dispute)
    if bank:
        emit(account, "charge.dispute.closed", dispute)
        if complaint.reason == "debit_not_authorized":
            _end_mandate(account, method)
    else:
        account.schedule("evidence_due", subject=dispute["id"], due_at=dispute["evidence_details"]["due_by"])


def _new_dispute(account: Account, charge: Body, method: Body, complaint: Complaint, *, amount: int) -> Body:
    bank = method["type"] == "us_bank_account"
    code = complaint.network_reason_code
    if code == "R10" and method[method["type"]]["account_holder_type"] == "company":
        code = "R29"
    identifier = new_id("du" if bank else "dp")
    moved = balance.move(
        account,
        amount=-amount,
        fee=balance.FAILED_DEBIT_FEE_MINOR if bank else balance.DISPUTE_FEE_MINOR,
        currency=charge["currency"],
        kind="adjustment",
        source=identifier,
    )
    return shapes.dispute(
        identifier=identifier,
        created=account.now,
        charge=charge,
        amount=amount,
        movement=moved,
        reason=complaint.reason,
        network_reason_code=code,
        final=bank,
    )


def answer(account: Account, params: Params, identifier: str) -> Body:
    """Take evidence; with ``submit`` (the default) it goes to the card holder's bank, once."""
    params.only("evidence", "metadata", "submit")
    dispute = account.get("dispute", identifier)
    given = params.group("evidence")
    given.only(*(name for name in dispute["evidence"] if name != "enhanced_evidence"))
    if dispute["status"] != "needs_response":
        raise ApiError("This dispute is already closed, or its evidence was submitted.", code="dispute_unchangeable")
    details = dispute["evidence_details"]
    dispute["evidence"] |= {name: given.text(name) for name in given.values}
    details["has_evidence"] = any(value for name, value in dispute["evidence"].items() if name != "enhanced_evidence")
    if "submit" not in params or params.flag("submit"):
        details.update(submission_count=details["submission_count"] + 1, submission_method="manual")
        dispute["status"] = "under_review"
        account.unschedule("evidence_due", subject=dispute["id"])
    account.save(dispute)
    emit(account, "charge.dispute.updated", dispute)
    told = dispute["evidence"]["uncategorized_text"]
    if dispute["status"] == "under_review" and told in {WINS, LOSES}:
        decide(account, dispute, won=told == WINS)
    return dispute


def close(account: Account, params: Params, identifier: str) -> Body:
    """Accept a dispute: it is lost."""
    params.only()
    return decide(account, account.get("dispute", identifier), won=False)


def decide(account: Account, dispute: Body, *, won: bool) -> Body:
    """Have the card holder's bank decide an open dispute; won, the money comes back."""
    if dispute["status"] not in OPEN:
        raise ApiError(f"This dispute is already closed ({dispute['status']}).", code="dispute_unchangeable")
    account.unschedule("evidence_due", subject=dispute["id"])
    dispute["status"] = "won" if won else "lost"
    if won:
        moved = balance.move(
            account,
            amount=dispute["amount"],
            currency=dispute["currency"],
            kind="adjustment",
            source=dispute["id"],
        )
        dispute["balance_transactions"] = [*dispute["balance_transactions"], moved]
    account.save(dispute)
    if won:
        emit(account, "charge.dispute.funds_reinstated", dispute)
    emit(account, "charge.dispute.closed", dispute)
    return dispute


def evidence_due(account: Account, dispute: Body) -> None:
    """Have a dispute lost that nobody answered in time."""
    dispute["evidence_details"]["past_due"] = True
    decide(account, dispute, won=False)


def _end_mandate(account: Account, method: Body) -> None:
    for each in account.mandates(method["id"]):
        if each["status"] == "active":
            each["status"] = "inactive"
            account.save(each)
            emit(account, "mandate.updated", each, before={"status": "active"})
