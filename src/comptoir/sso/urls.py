"""Login, logout, password and second factor. Nobody signs up, and addresses change with the billing team's word."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from comptoir.identity.second_step import second_step_first

from .language import set_language
from .start import start

second_step = [
    path("", second_step_first(mfa.index), name="mfa_index"),
    path("authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("app/activate/", second_step_first(totp.activate_totp), name="mfa_activate_totp"),
    path("app/deactivate/", second_step_first(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("recovery-codes/", second_step_first(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/generate/", second_step_first(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "recovery-codes/download/", second_step_first(codes.download_recovery_codes), name="mfa_download_recovery_codes"
    ),
]

password = [
    path("change/", second_step_first(account.password_change), name="account_change_password"),
    # Whoever has no password yet gets one by mail, as everybody's first is.
    path("set/", RedirectView.as_view(pattern_name="account_reset_password"), name="account_set_password"),
    path("reset/", account.password_reset, name="account_reset_password"),
    path("reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("reset/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

urlpatterns = [
    path("", start, name="start"),
    path("login/", account.login, name="account_login"),
    path("login/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/", include(password)),
    path("two-step/", include(second_step)),
    path("language/", set_language, name="set_language"),
]
