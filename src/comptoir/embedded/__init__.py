"""PostgreSQL without an installed one: the server of a COMPTOIR_HOME, and groups of processes.

Imports nothing of Comptoir.
"""

from comptoir.embedded.cluster import Cluster, discard, ensure
from comptoir.embedded.errors import ClusterInUse, EmbeddedError
from comptoir.embedded.processes import ProcessEnded, ProcessGroup, Program

__all__ = [
    "Cluster",
    "ClusterInUse",
    "EmbeddedError",
    "ProcessEnded",
    "ProcessGroup",
    "Program",
    "discard",
    "ensure",
]
