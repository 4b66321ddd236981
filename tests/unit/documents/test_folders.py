"""Nothing of a press is left behind, however its process ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from comptoir.documents import folders
from comptoir.documents.folders import OwnFolder, remove_abandoned

PRESS = """
import sys
from comptoir.documents.folders import OwnFolder
mine = OwnFolder()
(mine.path / "a.logo").write_bytes(b"x")
print(mine.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def press() -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen([sys.executable, "-c", PRESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def test_a_folder_ends_with_its_process_and_a_killed_ones_with_the_next(temporary: Path) -> None:
    ended, of_ended = press()
    killed, of_killed = press()
    alive, of_alive = press()
    ended.communicate()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert [path.exists() for path in (of_ended, of_killed, of_alive)] == [False, True, True]

    mine = OwnFolder()

    assert {*temporary.iterdir()} == {of_alive, mine.path}
    alive.communicate()
    path = mine.path
    del mine
    assert not path.exists()


def test_what_is_not_ours_is_left_alone(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = temporary / f"{folders.PREFIX}others"
    others.mkdir()
    (others / folders.HELD).touch()
    (temporary / f"{folders.PREFIX}unheld").mkdir()
    uid = others.lstat().st_uid
    with monkeypatch.context() as somebody_else:
        somebody_else.setattr("os.getuid", lambda: uid + 1)
        remove_abandoned()
    assert others.exists()
    remove_abandoned()
    assert not others.exists()
