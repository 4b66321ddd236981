"""``python -m stripe_sandbox``: becomes gunicorn, with the settings in ``serving``."""

import argparse
import os
import sys


def main() -> None:
    """Serve until it is told to stop."""
    parser = argparse.ArgumentParser(prog="stripe_sandbox", description="A stand-in for Stripe: no money.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("STRIPE_SANDBOX_PORT") or 12111))
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:stripe_sandbox.serving"]
    command += ["--bind", f"{arguments.host}:{arguments.port}", "stripe_sandbox.serving:make_application()"]
    os.execv(sys.executable, command)  # noqa: S606


if __name__ == "__main__":
    main()
