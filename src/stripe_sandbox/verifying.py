"""The hosted page on which a visitor says what arrived on a bank account that was typed by hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from . import microdeposits, payments
from .hosted import merchant_of
from .store import Account, Body, transaction


def page(request: HttpRequest, identifier: str) -> HttpResponse:
    """Ask what arrived, or take what the visitor says of it."""
    with transaction() as db:
        row = db.execute(
            "SELECT account FROM thing WHERE id = ? AND kind IN ('payment_intent', 'setup_intent')", (identifier,)
        ).fetchone()
        account = Account.find(db, row["account"]) if row else None
        intent = account.look(identifier) if account else None
        if account is None or intent is None:
            return render(request, "stripe_sandbox/closed.html", {"status": "unknown"}, status=404)
        wrong = ""
        if request.method == "POST" and intent["status"] == "requires_action":
            wrong = _take(request, account, intent)
            payments.after(account)
        return _show(request, account, intent, wrong=wrong)


def _take(request: HttpRequest, account: Account, intent: Body) -> str:
    """Take the visitor's answer, and return what is wrong with it."""
    amounts = [request.POST.get(name, "").strip().removeprefix("0.") for name in ("first", "second")]
    code = request.POST.get("code", "")
    failure = microdeposits.answer(account, intent, amounts=amounts, code=code)
    if failure is None:
        return ""
    if failure is microdeposits.TOO_OFTEN:
        return _("That was the last try: this bank account cannot be verified any more.")
    return _("That is not what arrived. Look at your bank statement again.")


def _show(request: HttpRequest, account: Account, intent: Body, *, wrong: str) -> HttpResponse:
    action = (intent["next_action"] or {}).get("verify_with_microdeposits")
    context = {
        "merchant": merchant_of(account),
        "wrong": wrong,
        "waits": action is not None,
        "done": intent["status"] in {"succeeded", "processing"},
        "kind": action["microdeposit_type"] if action else "",
        "arrives_on": microdeposits.arrival_of(action) if action else None,
        "amounts": microdeposits.AMOUNTS_MINOR,
        "code": microdeposits.DESCRIPTOR_CODE,
    }
    return render(request, "stripe_sandbox/verify.html", context, status=422 if wrong else 200)
