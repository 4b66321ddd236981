"""The number by which customer, billing team and bank speak of one payment."""

import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP, GROUPS = 5, 2


def new_confirmation() -> str:
    """Return a number like ``7QK4D-M2XWP``: easy to say, without letters that look like digits, and not guessable.

    A letter is among them at least: a card's statement takes no number without one.
    """
    while True:
        groups = ["".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS)]
        if not "".join(groups).isdecimal():
            return "-".join(groups)
