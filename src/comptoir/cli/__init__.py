"""The `comptoir` command."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from comptoir.cli.errors import explain

# One line per command. Its module is imported when it is called; the docstring is its help. It has
# `configure(parser)`, which adds its arguments, and `run(args) -> int`, which gives the exit code.
COMMANDS = {
    "migrate": "comptoir.cli.migrate",
    "web": "comptoir.cli.web",
    "worker": "comptoir.cli.worker",
    "manage": "comptoir.cli.manage",
    "backup": "comptoir.cli.backup",
    "restore": "comptoir.cli.restore",
    "vendor": "comptoir.cli.vendor",
    "import-legacy": "comptoir.cli.import_legacy",
    "moved-customers": "comptoir.cli.moved_customers",
    "check-books": "comptoir.cli.check_books",
    "single-sign-on": "comptoir.cli.single_sign_on",
    "message-keys": "comptoir.cli.message_keys",
    "simulate": "comptoir.cli.simulate",
    "demo": "comptoir.demo.command",
    "bench": "comptoir.bench.command",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 failed, 2 not understood, 130 interrupted.

    What is expected to go wrong ends in one sentence on the standard error output; all else is a traceback.
    """
    args = _parser(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _leave)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output (`| head`) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        print(f"comptoir: {sentence}", file=sys.stderr)
        return 1
    return code


def _parser(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="comptoir", description="Self-service billing.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    wanted = [argv[0]] if argv and argv[0] in COMMANDS else COMMANDS
    for name in wanted:
        module = import_module(COMMANDS[name])
        help_text = (module.__doc__ or "").strip()
        command = commands.add_parser(
            name,
            help=help_text.splitlines()[0],
            description=help_text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser.parse_args(argv)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End as an exception, so that what was begun is ended in order."""
    raise SystemExit(128 + signal.SIGTERM)
