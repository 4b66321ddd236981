"""Login, logout, password and second factor. Nobody signs up, and addresses change with the billing team's word."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from comptoir.identity.second_step import second_step_first

from . import openid
from .authorizing import authorize
from .ending import end_everywhere
from .front_door import front_door
from .language import set_language
from .letter_link import letter_link
from .security import end_other_sessions, end_session, security
from .start import start

# Where allauth leads after a change.
to_security = login_required(RedirectView.as_view(pattern_name="security"))

second_step = [
    path("", to_security, name="mfa_index"),
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

passkey = [
    path("", to_security, name="mfa_list_webauthn"),
    path("login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("add/", second_step_first(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("<int:pk>/name/", second_step_first(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("<int:pk>/remove/", second_step_first(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
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

# What products and browsers reach by what discovery says of them.
single_sign_on = [
    path("authorize", authorize, name="openid_authorize"),
    path("token", openid.token, name="openid_token"),
    path("revoke", openid.revoke, name="openid_revoke"),
    path("userinfo", openid.userinfo, name="openid_userinfo"),
    path("keys", openid.keys, name="openid_keys"),
    path("logout", end_everywhere, name="openid_logout"),
]

urlpatterns = [
    path(".well-known/openid-configuration", openid.discovery, name="openid_configuration"),
    path("openid/", include(single_sign_on)),
    path("", start, name="start"),
    path("at/<slug:vendor>/", front_door, name="front_door"),
    path("letter/<str:token>/", letter_link, name="letter_link"),
    path("login/", account.login, name="account_login"),
    path("login/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/", include(password)),
    path("two-step/", include(second_step)),
    path("passkeys/", include(passkey)),
    path("security/", security, name="security"),
    path("security/sessions/end/", end_other_sessions, name="sessions_end"),
    path("security/sessions/<int:session>/end/", end_session, name="session_end"),
    path("language/", set_language, name="set_language"),
]
