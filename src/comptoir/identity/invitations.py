"""The secret in the link of an invitation to a billing team."""

from uuid import UUID

from comptoir.kit import mailed_links


def token_of(public_id: UUID) -> str:
    """Return the secret in the link that opens an invitation."""
    return mailed_links.token_of(public_id, opens="identity.staff-invitation")
