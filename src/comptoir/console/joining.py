"""Accepting an invitation to a billing team, with the link that was mailed; nobody is logged in yet."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from comptoir.identity.operations import accept_invitation
from comptoir.identity.queries import OpenInvitation, open_invitation

from .shell import ROLE_WORDS


class NewLoginForm(forms.Form):
    """What someone without a login gives: a name, and a password twice."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    again = forms.CharField(
        label=gettext_lazy("Password, again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:
        """Check the password against the rules, and that it was typed as meant."""
        given = self.cleaned_data
        if "password" in given and "again" in given:
            if given["password"] != given["again"]:
                self.add_error("again", _("The two passwords differ; type both again."))
            try:
                validate_password(given["password"], user=get_user_model()(email=self._email))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


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
    context = {"invitation": invitation, "form": form, "role": ROLE_WORDS[invitation.role]}
    return render(request, "console/invitation.html", context)


def _login_address(invitation: OpenInvitation) -> str:
    home = reverse("console:home", kwargs={"vendor": invitation.vendor_slug})
    return f"{reverse('account_login')}?{urlencode({'next': home})}"
