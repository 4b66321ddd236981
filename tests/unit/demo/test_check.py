"""The demo's check says which step failed, whatever it was that went wrong."""

from pathlib import Path

import pytest

from comptoir.demo import check
from comptoir.demo.stage import Stage, StepFailed


def nobody_is_there(stage: Stage) -> str:
    raise StepFailed("the page is empty")


def line_is_cut(stage: Stage) -> str:
    raise ConnectionResetError("the line was cut")


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (nobody_is_there, "FAILED   1. nobody is there: the page is empty"),
        (line_is_cut, "FAILED   1. line is cut: ConnectionResetError: the line was cut"),
    ],
)
def test_a_step_that_fails_is_named(
    scene: object,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "log").mkdir()
    monkeypatch.setattr(check, "STORY", (scene,))
    assert (
        check.run(
            base_url="http://127.0.0.1:1",
            sandbox_url="http://127.0.0.1:2",
            products_url="http://127.0.0.1:3",
            home=tmp_path,
        )
        == 1
    )
    assert capsys.readouterr().out.strip() == said
