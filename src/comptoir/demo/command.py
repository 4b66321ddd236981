"""Start everything with two example vendors, say where to click, and stop everything with Ctrl-C.

The data is kept in COMPTOIR_HOME (./var) for the next start; --reset begins afresh.
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comptoir import embedded
from comptoir.cli.errors import CannotRun
from comptoir.cli.ports import port_from_environment, take_port
from comptoir.cli.preparation import home, home_environment
from comptoir.demo.processes import Addresses, running
from comptoir.embedded.locks import FileLock

# What Comptoir keeps in a home. Nothing else is ever deleted from one: it may be a directory with more in it.
KEPT_IN_A_HOME = (
    "sandbox",
    "mail",
    "log",
    "static",
    "products.json",
    "environment.json",
    "environment.lock",
)  # demo.lock is held


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--reset", action="store_true", help="delete the demo's data first")
    parser.add_argument(
        "--load-only", action="store_true", help="load the data, all companies moved, and stop: to simulate on"
    )
    parser.add_argument("--check", action="store_true", help="go through the demo's story without a person, then stop")


def run(args: argparse.Namespace) -> int:
    """Run the demo until interrupted, or its check until done. Raises CannotRun, EmbeddedError."""
    if args.check:
        with _scratch_home(), _started(reset=args.reset) as addresses:
            from comptoir.demo import check

            return check.run(
                base_url=addresses.web_url,
                sandbox_url=addresses.sandbox_url,
                products_url=addresses.products_url,
                home=addresses.home,
            )
    if args.load_only:
        with _started(reset=args.reset):
            from comptoir.demo import load

            for slug, companies in load.move_everybody().items():
                print(f"{slug}: {companies} companies, billed here. Next: comptoir simulate --vendor {slug}")
        return 0
    try:
        with _started(reset=args.reset) as addresses:
            from comptoir.demo.story import links

            print(
                links(products_url=addresses.products_url),
                "\n\nCtrl-C stops everything; the data is kept.",
                sep="",
                flush=True,
            )
            _wait(addresses)
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


@contextmanager
def _started(*, reset: bool) -> Iterator[Addresses]:
    directory = home()
    addresses = _free_addresses(directory)
    with _alone(directory):
        if reset:
            _reset(directory)
        _refuse_a_home_in_earnest(directory)
        print(f"Starting Comptoir's demo, its data in {directory} …", file=sys.stderr, flush=True)
        with running(addresses):
            yield addresses


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep another demo out of the home: it would turn the stand-in's news away from this one."""
    directory.mkdir(parents=True, exist_ok=True)
    with FileLock(directory / "demo.lock") as lock:
        if not lock.try_take():
            raise CannotRun(
                f"A demo is running in {directory} already. Stop it first, or choose another home with COMPTOIR_HOME."
            )
        yield


def _wait(addresses: Addresses) -> None:
    """Wait until a program ends, or Ctrl-C; a database of our own that was killed is started again."""
    if not addresses.has_own_database:
        addresses.processes.wait()
        return
    with embedded.ensure(addresses.home) as database:

        def revive() -> None:
            if database.revive():
                print("The database had ended. It runs again, with all that was committed.", flush=True)

        addresses.processes.wait(meanwhile=revive)


def _free_addresses(directory: Path) -> Addresses:
    """Read the ports and see that they are free, before anything is started."""
    ports = []
    for variable, default in (
        ("COMPTOIR_PORT", 8000),
        ("COMPTOIR_SANDBOX_PORT", 12111),
        ("COMPTOIR_PRODUCTS_PORT", 8090),
    ):
        port = port_from_environment(variable, default=default)
        take_port(host="127.0.0.1", port=port, variable=variable).close()
        ports.append(port)
    if len(set(ports)) < len(ports):
        raise CannotRun(
            "COMPTOIR_PORT, COMPTOIR_SANDBOX_PORT and COMPTOIR_PRODUCTS_PORT must differ. Set one to another port."
        )
    return Addresses(
        home=directory,
        web_port=ports[0],
        sandbox_port=ports[1],
        products_port=ports[2],
        has_own_database=not os.environ.get("DATABASE_URL"),
    )


def _refuse_a_home_in_earnest(directory: Path) -> None:
    if (directory / "postgres").exists() and not _is_a_demos(directory):
        raise CannotRun(
            f"{directory} has a database that is not the demo's. Choose another directory with COMPTOIR_HOME."
        )


def _is_a_demos(directory: Path) -> bool:
    return (directory / "environment.json").exists() and home_environment(directory).get("COMPTOIR_DEMO") == "1"


def _reset(directory: Path) -> None:
    """Delete the data of a demo, and nothing else. Raises CannotRun for a home in earnest."""
    if os.environ.get("DATABASE_URL"):
        raise CannotRun("The demo's database is the one in DATABASE_URL: make that one afresh yourself.")
    _refuse_a_home_in_earnest(directory)
    if not _is_a_demos(directory):
        return
    embedded.discard(directory)
    for name in KEPT_IN_A_HOME:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _scratch_home() -> Iterator[None]:
    """Work on a home and ports of this run alone, where the environment does not name them."""
    for variable in ("COMPTOIR_PORT", "COMPTOIR_SANDBOX_PORT", "COMPTOIR_PRODUCTS_PORT"):
        os.environ.setdefault(variable, str(_free_port()))
    if os.environ.get("COMPTOIR_HOME"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="comptoir-check-") as name:
        directory = Path(name)
        directory.chmod(0o711)  # for PostgreSQL's account, when root runs this
        os.environ["COMPTOIR_HOME"] = name
        try:
            yield
        finally:
            embedded.discard(directory)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
