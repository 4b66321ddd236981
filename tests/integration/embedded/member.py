"""A process that uses the embedded PostgreSQL until its input ends. Run: member.py HOME [USER]."""

import os
import pwd
import sys
from pathlib import Path

from comptoir import embedded

if len(sys.argv) > 2:
    entry = pwd.getpwnam(sys.argv[2])
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
try:
    with embedded.ensure(Path(sys.argv[1])) as cluster:
        print(cluster.owner_url, flush=True)
        sys.stdin.read()
except embedded.EmbeddedError as error:
    print("refused:", error, flush=True)
