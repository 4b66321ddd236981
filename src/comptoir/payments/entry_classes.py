"""Which of NACHA's standard entry classes a bank debit is, by whose account it is and how its owner consented.

A company's account is debited as CCD, whichever way the company agreed to it. A consumer's as WEB where consent came
over the internet, TEL where it was spoken by telephone, PPD where it is in writing (NACHA Operating Rules, section 2.5,
on the single kinds of entries).
"""

from .models import ConsentChannel, EntryClass, MethodKind

OF_A_CONSUMER = {
    ConsentChannel.PHONE: EntryClass.TEL,
    ConsentChannel.E_MAIL: EntryClass.PPD,
    ConsentChannel.LETTER: EntryClass.PPD,
    ConsentChannel.IN_PERSON: EntryClass.PPD,
}


def entry_class(*, kind: str, holder_type: str, channel: str = "") -> str:
    """Return the entry class of a debit; empty for a card, or while it is not known whose account it is.

    Without a ``channel`` the owner consented on a page.
    """
    if kind != MethodKind.BANK_ACCOUNT or not holder_type:
        return ""
    if holder_type == "company":
        return EntryClass.CCD
    return OF_A_CONSUMER[ConsentChannel(channel)] if channel else EntryClass.WEB
