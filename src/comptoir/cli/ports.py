"""Ports of this machine, taken before anything else is started."""

import argparse
import errno
import os
import socket

from comptoir.cli.errors import CannotRun


def port_number(text: str) -> int:
    """Read a port from the command line. Raises ArgumentTypeError when it is no port."""
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"“{text}” is no port; a port is a number from 1 to 65535")
    return int(text)


def port_from_environment(variable: str, *, default: int) -> int:
    """Read a port from the environment. Raises CannotRun when it is no port."""
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise CannotRun(f"{variable} is “{text}”; a port is a number from 1 to 65535.")
    return int(text)


def take_port(*, host: str, port: int, variable: str) -> socket.socket:
    """Open a socket on the port, to be listened on. Raises CannotRun, naming `variable`, when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotRun(
                f"Port {port} is in use by another program. Stop that program, or choose another port: "
                f"set {variable}, for example {variable}={min(port + 1, 65535)}."
            ) from error
        reason = error.strerror or str(error)
        raise CannotRun(f"Port {port} of {host} cannot be used: {reason}. Set {variable} to another.") from error
    return taken
