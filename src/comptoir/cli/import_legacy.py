"""Import an old billing system's customers, or its invoices, through a mapping profile.

A vendor that does not exist yet is made from the profile. The whole file is taken in one transaction, and the same
file again changes nothing. A trial takes nothing: it says what would be. The last line of the output is the counts,
as JSON.
"""

import argparse
import json
import sys
from pathlib import Path

from comptoir.cli.errors import CannotRun
from comptoir.cli.migrate import comptoir_with_tables


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--vendor", required=True, metavar="SLUG", help="the vendor's short name")
    parser.add_argument("--profile", required=True, type=Path, metavar="FILE.toml", help="the mapping profile")
    kinds = ("customers", "invoices", "papers")
    parser.add_argument("--kind", choices=kinds, default="customers", help="what is in the file; papers: a ZIP of PDFs")
    parser.add_argument("--trial", action="store_true", help="take nothing, and say what would be")
    parser.add_argument("export", type=Path, metavar="FILE.csv", help="the old system's export")


def run(args: argparse.Namespace) -> int:
    """Import the file, print what was odd and what came of it, and meanwhile on the error output how far it is."""
    content = _read(args.export)
    profile_text = _text(args.profile)
    with comptoir_with_tables():
        from comptoir.cutover.importing import import_export
        from comptoir.kit.clocks import wall_now
        from comptoir.tenancy.audit import system

        report = import_export(
            vendor_slug=args.vendor,
            profile_text=profile_text,
            profile_name=args.profile.name,
            content=content,
            filename=args.export.name,
            actor=system("comptoir import-legacy"),
            now=wall_now(),
            kind=args.kind,
            is_trial=args.trial,
            tell=_tell,
        )
    for finding in report.findings:
        print(finding)
    print(json.dumps(report.counts))
    return 0


def _tell(step: str, done: int, total: int) -> None:
    print(f"{step}: {done} of {total or 'an unknown number'}", file=sys.stderr, flush=True)


def _text(path: Path) -> str:
    try:
        return _read(path).decode()
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path} is not written in UTF-8; save it so.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CannotRun(f"There is no file {path}.") from error
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}.") from error
