"""The root of every failure that Comptoir expects."""


class ComptoirError(Exception):
    """Something that can go wrong in the normal course of things.

    The message is shown to people: it names what is wrong and what to do next, in a translatable sentence.
    """
