"""Names as they stand on checks: two spellings of one payer are one."""

import re
import unicodedata

LEGAL_FORMS = frozenset(
    {"inc", "llc", "ltd", "corp", "co", "company", "incorporated", "corporation", "lp", "llp", "the"}
)
NO_WORD = re.compile(r"[^\w]+")
MARKS = re.compile(r"[.'’]")


def fold_name(name: str) -> str:
    """Return a payer's name without capitals, accents, marks and legal forms.

    A name that is nothing but a legal form stays as it is.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = NO_WORD.sub(" ", MARKS.sub("", plain.casefold())).split()
    return " ".join([word for word in words if word not in LEGAL_FORMS] or words)
