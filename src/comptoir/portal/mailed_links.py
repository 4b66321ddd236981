"""The pages that links in mail open, for whoever has the link; nobody need be logged in.

Looking does nothing, since mail programs follow links; a button does.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comptoir.customers import email_changes, recipients
from comptoir.tenancy.brand import public_brand


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def billing_email_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a change of the billing e-mail is; let whoever has the link agree to it, or stop it."""
    change = email_changes.opened(token)
    done = request.method == "POST"
    if done:
        email_changes.use_link(token)
    return render(
        request,
        "portal/billing_email_link.html",
        {"change": change, "done": done, "vendor": public_brand(change.vendor_slug)},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recipient_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show whose bills an address is asked to get; let whoever has the link agree, or leave."""
    recipient = recipients.opened(token)
    done = request.method == "POST"
    if done:
        recipients.use_link(token)
    return render(
        request,
        "portal/recipient_link.html",
        {"recipient": recipient, "done": done, "vendor": public_brand(recipient.vendor_slug)},
    )
