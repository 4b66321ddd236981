"""Accepting an invitation to a billing team, with the link that was mailed; nobody is logged in yet."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from comptoir.identity.forms import NewLoginForm
from comptoir.identity.operations import accept_invitation
from comptoir.identity.queries import OpenInvitation, open_invitation
from comptoir.tenancy.brand import public_brand

from .shell import ROLE_WORDS


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def console_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what one is invited to; on acceptance set the first password, and go on to log in and the second step."""
    invitation = open_invitation(token)
    form = None if invitation.has_login else NewLoginForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and (form is None or form.is_valid()):
        accept_invitation(
            token=token,
            name=form.cleaned_data["name"] if form else "",
            language=get_language() or "en",
            password=form.cleaned_data["password"] if form else None,
        )
        messages.success(
            request, _("You are on the team of %(vendor)s. Log in to go on.") % {"vendor": invitation.vendor_name}
        )
        return redirect(_login_address(invitation))
    context = {
        "invitation": invitation,
        "form": form,
        "role": ROLE_WORDS[invitation.role],
        "vendor": public_brand(invitation.vendor_slug),
    }
    return render(request, "console/invitation.html", context)


def _login_address(invitation: OpenInvitation) -> str:
    home = reverse("console:home", kwargs={"vendor": invitation.vendor_slug})
    return f"{reverse('account_login')}?{urlencode({'next': home})}"
