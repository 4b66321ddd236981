"""Where the profiles that come with Comptoir are."""

from __future__ import annotations

from pathlib import Path

PROFILES = Path(__file__).resolve().parents[4] / "profiles"


def shipped_profile(name: str) -> Path:
    """Return the path of the repository's `profiles/NAME.toml`."""
    return PROFILES / f"{name}.toml"
