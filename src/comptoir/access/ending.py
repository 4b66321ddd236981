"""What a product may ask when somebody logs out of it: whose sign-on it was, and where to go afterwards."""

from uuid import UUID

from comptoir.tenancy import doors

from .models import Application, SignOn
from .sign_ons import end_sign_ons
from .signing import read_signed


def hint_of(id_token: str, *, client_id: str) -> SignOn | None:
    """Return the sign-on that an id token, expired or not, was given for; None for what was not signed here.

    Where a client is named, too, it must be the token's.
    """
    claims = read_signed(id_token) if id_token else None
    if claims is None or "sid" not in claims:
        return None
    found = SignOn.objects.select_related("application").filter(public_id=UUID(claims["sid"])).first()
    named = {claims.get("aud"), client_id or claims.get("aud")}
    return found if found and named == {found.application.client_id} else None


def way_back(hint: SignOn | None, *, client_id: str, uri: str) -> str | None:
    """Return ``uri`` if it is registered for the client, which a hint or ``client_id`` names; else None."""
    named = hint.application if hint else Application.objects.filter(client_id=client_id).first()
    if named is None or named.disabled_at is not None:
        return None
    return uri if uri and uri in named.post_logout_redirect_uris.split() else None


def end_hinted(hint: SignOn) -> None:
    """End the sign-on that a product logs out of."""
    doors.narrow(vendor_id=hint.application.vendor_id)
    end_sign_ons(SignOn.objects.filter(id=hint.pk), why="logged out")
