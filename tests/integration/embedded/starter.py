"""A process that starts a group of two and waits. Run: starter.py DIRECTORY."""

import os
import signal
import sys
from pathlib import Path

from comptoir.embedded import ProcessEnded, ProcessGroup, Program

# Tells its number, then waits to be stopped, and says that it was. One write a line: two of these share a log. The
# signal is held back and waited for: one that came just before a pause would be slept through.
CHILD = """
import os, signal, sys
def say(what):
    os.write(1, f"{sys.argv[1]} {what}\\n".encode())
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
say(os.getpid())
signal.sigwait({signal.SIGTERM})
say("stopped")
"""


def program(name: str, directory: Path, code: str = CHILD) -> Program:
    return Program(
        name=name,
        argv=[sys.executable, "-c", code, name],
        environment=os.environ,
        log=directory / "both.log",
    )


if __name__ == "__main__":
    # A shell that runs the tests in the background lets them ignore Ctrl-C, and this process with them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    place = Path(sys.argv[1])
    try:
        with ProcessGroup() as group:
            group.start(program("first", place))
            group.start(program("second", place))
            print("started", flush=True)
            group.wait()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    except ProcessEnded as ended:
        print(ended, flush=True)
