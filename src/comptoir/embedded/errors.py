"""What can go wrong with the embedded PostgreSQL, each in a sentence that says what to do."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


class ClusterInUse(EmbeddedError):
    """Another process works with the embedded PostgreSQL."""
