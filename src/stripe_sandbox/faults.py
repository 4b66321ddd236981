"""Faults on purpose: what a network, a processor and its webhooks do on a bad day, the same for the same seed."""

import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from .errors import ApiError
from .store import PLATFORM

# A request suffers the first of these that strikes; so does a webhook of those below.
OF_REQUESTS = ("rate_limit", "error", "time_out")
OF_WEBHOOKS = ("drop", "delay", "reorder", "duplicate")
KINDS = OF_REQUESTS + OF_WEBHOOKS
ALL_ACCOUNTS = ""
LONGEST_DELAY_DAYS = 6


@dataclass
class Switches:
    """Which share of requests or webhooks each fault strikes, 0 to 1; each at most ``times``, where that is said."""

    seed: int = 0
    shares: dict[str, float] = field(default_factory=dict)
    times: int | None = None
    asked: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def chance(self, name: str) -> float:
        """Give the next number of a fault's own series, 0 to 1; the seed makes the series."""
        self.asked[name] += 1
        drawn = sha256(f"{self.seed}:{name}:{self.asked[name]}".encode()).digest()
        return int.from_bytes(drawn[:6]) / 2**48

    def strike(self, kinds: tuple[str, ...]) -> str:
        """Give the fault that strikes now, or nothing."""
        for name in kinds:
            share = self.shares.get(name, 0)
            if not share or (self.times is not None and self.done[name] >= self.times):
                continue
            if self.chance(name) < share:
                self.done[name] += 1
                return name
        return ""


_lock = threading.Lock()
_switches: dict[str, Switches] = {}


def read_environment() -> None:
    """Set the switches of all accounts from STRIPE_SANDBOX_FAULTS, such as seed=7,drop=0.05."""
    told = os.environ.get("STRIPE_SANDBOX_FAULTS") or ""
    pairs = dict(each.split("=", 1) for each in told.split(",") if each)
    if pairs:
        switch(ALL_ACCOUNTS, {name.strip(): float(value) for name, value in pairs.items()})


def switch(account: str, asked: dict[str, Any]) -> Switches:
    """Set the faults of an account, or of all; what is not named is off. Raises the API's 400."""
    for name, value in asked.items():
        known = name in {*KINDS, "seed", "times"}
        if not known or isinstance(value, bool) or not isinstance(value, int | float):
            raise ApiError(
                f"Faults are seed, times and shares of {', '.join(KINDS)}; not {name}: {value!r}", param=name
            )
        if name in KINDS and not 0 <= value <= 1:
            raise ApiError(f"A share is from 0 to 1, not {value}", param=name)
    made = Switches(
        seed=int(asked.get("seed", 0)),
        shares={name: float(asked[name]) for name in KINDS if asked.get(name)},
        times=int(asked["times"]) if "times" in asked else None,
    )
    with _lock:
        _switches[account] = made
    return made


def told(account: str) -> dict[str, Any]:
    """Say which faults are on for an account, or for all, and how many there were."""
    with _lock:
        known = _switches.get(account, Switches())
        return {"seed": known.seed, "times": known.times, **known.shares, "done": dict(known.done)}


def strike(account: str, kinds: tuple[str, ...]) -> str:
    """Give the fault that strikes an account now, or nothing; the platform is always spared."""
    if account == PLATFORM or not _switches:
        return ""
    with _lock:
        for known in (_switches.get(account), _switches.get(ALL_ACCOUNTS)):
            if known and (name := known.strike(kinds)):
                return name
    return ""


def chance(account: str, name: str) -> float:
    """Give a number from 0 to 1 for how a fault strikes."""
    with _lock:
        known = _switches.get(account) or _switches.get(ALL_ACCOUNTS) or Switches()
        return known.chance(name)
