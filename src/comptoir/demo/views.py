"""The demo's own pages: what to click, the one-time codes, the mailbox."""

import io
import json
import time
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from comptoir.cutover.legacy.shipped import shipped_profile

from . import mailbox as box
from .cast import CODE_LASTS_SECONDS, NORTHWIND, OLD_INVOICES, PASSWORD, VENDORS, DemoVendor

# A mail brings its own styles and may do nothing else; its links open in a tab of their own.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
LINKS_OPEN_A_TAB = '<base target="_blank">'


@require_safe
@never_cache
def what_to_click(request: HttpRequest) -> HttpResponse:
    """Show the story to go through, the logins, and the codes that are valid now."""
    context = {
        "vendors": VENDORS,
        "first": NORTHWIND,
        "password": PASSWORD,
        "logins": [(vendor, person, person.code()) for vendor in VENDORS for person in vendor.team],
        "seconds_left": CODE_LASTS_SECONDS - int(time.time()) % CODE_LASTS_SECONDS,
        "sandbox_url": f"{settings.STRIPE_API_BASE}/sandbox/",
        "products": _products(),
    }
    return render(request, "demo/home.html", context)


def _products() -> list[tuple[str, str]]:
    """Return the products that people log in to, with their addresses, as they were registered."""
    kept = settings.ENVIRONMENT.home / "products.json"
    if not kept.exists():
        return []
    registered = json.loads(kept.read_text())
    return [(row["name"], f"{registered['url']}/{code}/") for code, row in registered["products"].items()]


@require_safe
def export(request: HttpRequest, vendor: str) -> FileResponse:
    """Download what a vendor's old system exported."""
    return FileResponse(_vendor(vendor).export.open("rb"), as_attachment=True, content_type="text/csv")


@require_safe
def old_invoices(request: HttpRequest) -> FileResponse:
    """Download the last invoices that the first vendor's old system made."""
    return FileResponse(OLD_INVOICES.open("rb"), as_attachment=True, content_type="text/csv")


@require_safe
def profile(request: HttpRequest, vendor: str) -> FileResponse:
    """Download the mapping profile through which a vendor's export is read."""
    file = shipped_profile(_vendor(vendor).profile)
    return FileResponse(file.open("rb"), as_attachment=True, content_type="application/toml")


@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails, the newest first; the filter by recipient is in the address."""
    recipient = request.GET.get("to", "")
    return render(
        request, "demo/mailbox.html", {"recipient": recipient, "mails": box.mails(_folder(), recipient=recipient)}
    )


@require_safe
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Show one mail."""
    return render(request, "demo/mail.html", {"mail": _mail(mail_id)})


@require_safe
@xframe_options_sameorigin
def mail_page(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Show a mail's HTML by itself, as the mail brings it."""
    return HttpResponse(LINKS_OPEN_A_TAB + _mail(mail_id).html, headers={"Content-Security-Policy": MAIL_POLICY})


@require_safe
def attachment(request: HttpRequest, mail_id: str, place: int) -> FileResponse:
    """Download a mail's attachment, counted from 1."""
    attachments = _mail(mail_id).attachments
    if not 1 <= place <= len(attachments):
        raise Http404
    found = attachments[place - 1]
    return FileResponse(
        io.BytesIO(found.content), as_attachment=True, filename=found.name, content_type=found.media_type
    )


def _vendor(slug: str) -> DemoVendor:
    found = next((each for each in VENDORS if each.slug == slug), None)
    if found is None:
        raise Http404
    return found


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _mail(mail_id: str) -> box.Mail:
    found = box.mail(_folder(), mail_id=mail_id)
    if found is None:
        raise Http404
    return found
