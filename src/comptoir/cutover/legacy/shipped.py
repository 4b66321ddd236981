"""Where the profiles that come with Comptoir are."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4] / "profiles"
INSTALLED = Path(sys.prefix) / "share" / "comptoir" / "profiles"


def shipped_profile(name: str) -> Path:
    """This function will return the path of `profiles/NAME.toml`: in the checkout, else as installed."""
    return (CHECKOUT if CHECKOUT.is_dir() else INSTALLED) / f"{name}.toml"
