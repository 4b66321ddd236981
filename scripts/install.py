"""Put the locked packages and Comptoir itself into .venv: `python3 scripts/install.py [--dev]`.

Runs on any Python from 3.11, with nothing but its standard library. Quick when nothing has changed. An environment
that an interrupted run left half made is made anew.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "comptoir-installed"
INCOMPLETE = VENV / "comptoir-incomplete"
UV_DIRECTORY = VENV / "uv"
REQUIREMENTS = ROOT / "requirements"
INSTALLER_LOCK = REQUIREMENTS / "installer.lock"
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)


class CannotInstall(Exception):
    """The message says why and what to do."""


def main() -> int:
    """Install what is missing; give the exit code."""
    try:
        with only_one_at_a_time():
            if not is_up_to_date(kinds=("dev",) if "--dev" in sys.argv else ("base", "dev")):
                install("dev" if "--dev" in sys.argv else "base")
            compile_translations()
    except CannotInstall as error:
        print(f"make install: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Wait until no other run is installing into this checkout."""
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def fingerprint(kind: str) -> str:
    """Name all that decides what an environment consists of, the place it is made for included."""
    digest = hashlib.sha256(f"{kind} {ROOT}".encode())
    for file in (lock_file(kind), INSTALLER_LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(file.read_bytes())
    return f"{kind} {digest.hexdigest()}"


def lock_file(kind: str) -> Path:
    """Name the file of the exact versions and hashes."""
    return REQUIREMENTS / f"{kind}.lock"


def is_up_to_date(*, kinds: tuple[str, ...]) -> bool:
    """Tell whether the environment is complete and of one of these kinds."""
    if not STAMP.exists() or INCOMPLETE.exists() or not runs(PYTHON):
        return False
    return STAMP.read_text() in map(fingerprint, kinds)


def runs(python: Path) -> bool:
    """Tell whether there is a Python that works: the one it was made from may have been removed."""
    try:
        done = subprocess.run([python, "-c", "import encodings"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def install(kind: str) -> None:
    """Make the environment, or bring it to what the lock file says."""
    try:
        if INCOMPLETE.exists() or not runs(PYTHON):
            make_environment()
        INCOMPLETE.touch()
        uv = find_uv()
        say(f"Installing the packages of {lock_file(kind).relative_to(ROOT)} into .venv …")
        pip_install(uv, "--require-hashes", "-r", str(lock_file(kind)))
        pip_install(uv, "--no-deps", "--editable", str(ROOT))
    except PermissionError as error:
        raise CannotInstall(
            f"{error.filename}: {error.strerror}. Run as the user that the files belong to, or delete .venv."
        ) from error
    except OSError as error:
        raise CannotInstall(f"{error.filename or '.venv'}: {error.strerror}.") from error
    STAMP.write_text(fingerprint(kind))
    INCOMPLETE.unlink()


def make_environment() -> None:
    """Make an empty environment without pip, which Debian's own Python cannot put into one."""
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    argv = [BASE_PYTHON, "-m", "venv", "--without-pip", str(VENV)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    uv = shutil.which("uv")
    if done.returncode and uv:
        done = subprocess.run(
            [uv, "venv", "--python", BASE_PYTHON, str(VENV)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise CannotInstall(
            f"{BASE_PYTHON} cannot make a virtual environment: {last_line(done)} "
            "Debian and Ubuntu have what is missing in the package python3-venv (apt install python3-venv)."
        )


def find_uv() -> str:
    """Find uv of the locked version, installed or on the PATH; install it; else make do with any on the PATH."""
    wanted = INSTALLER_LOCK.read_text().split()[0].partition("==")[2]
    ours, on_path = str(UV_DIRECTORY / "bin" / "uv"), shutil.which("uv")
    for uv in (ours, on_path):
        if uv and wanted in version_of(uv):
            return uv
    problem = install_uv()
    if not problem:
        return ours
    if on_path:
        return on_path
    raise CannotInstall(problem)


def version_of(uv: str) -> list[str]:
    """Give the words with which uv tells its version."""
    try:
        return subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return []


def install_uv() -> str:
    """Install uv with a pip from wherever there is one; give what went wrong, or nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        pip = find_pip(Path(scratch))
        if pip is None:
            return (
                f"{BASE_PYTHON} has neither pip nor ensurepip, and there is no uv on the PATH. "
                "Debian and Ubuntu have what is missing in the package python3-venv (apt install python3-venv)."
            )
        argv = [*pip, "install", "--quiet", "--require-hashes", "--only-binary=:all:", "--no-deps"]
        quiet = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
        done = subprocess.run(
            [*argv, "--upgrade", "--target", str(UV_DIRECTORY), "-r", str(INSTALLER_LOCK)],
            env=os.environ | quiet,
            check=False,
        )
    if done.returncode:
        return (
            "uv, which installs the packages, could not be installed (see above). Is the network there? Then try again."
        )
    return ""


def find_pip(scratch: Path) -> list[str] | None:
    """Find a pip: this Python's, one made by ensurepip, or one on the PATH."""
    if answers([BASE_PYTHON, "-m", "pip"]):
        return [BASE_PYTHON, "-m", "pip"]
    made = [str(scratch / "venv" / "bin" / "python"), "-m", "pip"]
    subprocess.run([BASE_PYTHON, "-m", "venv", str(scratch / "venv")], capture_output=True, check=False)
    if answers(made):
        return made
    return next(([name] for name in ("pip3", "pip") if answers([name])), None)


def answers(pip: list[str]) -> bool:
    """Tell whether this is a pip."""
    try:
        return subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def pip_install(uv: str, *options: str) -> None:
    """Install with uv; when that fails, once more with the machine's own list of certificates."""
    argv = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), *options]
    environment = uv_environment()
    first = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if first.returncode == 0:
        return
    if subprocess.run(argv, env=environment | {"UV_SYSTEM_CERTS": "1"}, check=False).returncode:
        raise CannotInstall("The packages could not be installed (see above). Is the network there? Then try again.")


def uv_environment() -> dict[str, str]:
    """Tell uv what pip is told on this machine: which index to ask, whose certificates to trust."""
    told = {"UV_PYTHON_DOWNLOADS": "never"} | dict(os.environ)
    told.pop("VIRTUAL_ENV", None)
    for variable in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if told.get(variable):
            told.setdefault("SSL_CERT_FILE", told[variable])
    index = told.get("PIP_INDEX_URL") or pip_setting("global.index-url")
    if index:
        told.setdefault("UV_DEFAULT_INDEX", index)
    if not os.access(Path.home(), os.W_OK):
        told.setdefault("UV_CACHE_DIR", str(VENV / "cache"))
    return told


def pip_setting(name: str) -> str:
    """Read a setting of this Python's pip, if there is one."""
    argv = [BASE_PYTHON, "-m", "pip", "config", "get", name]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def compile_translations() -> None:
    """Compile the catalogs that are newer than what was compiled from them."""
    for catalog in (ROOT / "src").glob("*/locale/*/LC_MESSAGES/django.po"):
        compiled = catalog.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime:
            argv = [str(PYTHON), str(ROOT / "scripts" / "messages.py"), "compile"]
            if subprocess.run(argv, check=False).returncode:
                raise CannotInstall("The translations could not be compiled (see above).")
            return


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Give the end of what a program said."""
    return (done.stdout + done.stderr).strip().rpartition("\n")[2]


def say(sentence: str) -> None:
    """Tell what takes a while."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
