"""Find a Chromium for the browser tests, or install one, and print its path.

The system's own; else Debian's package, when root; else Playwright's, into .venv.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSERS = Path(__file__).resolve().parent.parent / ".venv" / "browsers"


def main() -> int:
    """Print the path, or say what to do."""
    for install in (nothing, debians_package, playwrights):
        install()
        for path in candidates():
            if works(path):
                print(path)
                return 0
    print(
        "There is no Chromium that works, and none could be installed (see above). Install one, so that “chromium” "
        "is on the PATH (Debian: apt install chromium), and try again.",
        file=sys.stderr,
    )
    return 1


def candidates() -> Iterator[str]:
    """Name the programs that may be a Chromium."""
    yield from filter(None, map(shutil.which, NAMES))
    for name in ("chrome", "Chromium", "Google Chrome for Testing"):
        yield from map(str, sorted(BROWSERS.glob(f"chromium-*/**/{name}")))


def works(path: str) -> bool:
    """Tell whether the program starts: it may be a stand-in, or lack a library."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def nothing() -> None:
    """Install nothing."""


def debians_package() -> None:
    """Install Debian's package, with a typeface to draw with."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Debian's chromium …", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for argv in (["update", "-q"], ["install", "-qy", "--no-install-recommends", "chromium", "fonts-liberation"]):
        subprocess.run(["apt-get", *argv], env=environment, stdout=sys.stderr, check=False)


def playwrights() -> None:
    """Install Playwright's build, with the system's libraries that it needs when that is allowed."""
    print("Installing Playwright's Chromium …", file=sys.stderr, flush=True)
    argv = [sys.executable, "-m", "playwright", "install", "chromium"]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        argv.append("--with-deps")
    environment = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)}
    subprocess.run(argv, env=environment, stdout=sys.stderr, check=False)


if __name__ == "__main__":
    sys.exit(main())
