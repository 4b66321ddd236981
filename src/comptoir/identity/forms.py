"""What somebody without a login gives to get one."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.kit.safe_words import SafeWords


class NewLoginForm(forms.Form):
    """What someone without a login gives: a name, and a password twice."""

    name = SafeWords(
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
