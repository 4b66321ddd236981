"""What imports cannot show: tables point downward too, and every package says what it is."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from comptoir.console.work_kinds import KINDS
from comptoir.look.trail import ACTIONS

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent for path in (ROOT / "src" / "comptoir").glob("*/__init__.py"))


def layers() -> dict[str, int]:
    """Return how high each package stands, read from the contract that import-linter holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    names: list[str] = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {
        package.strip(" ()"): height for height, layer in enumerate(reversed(names)) for package in layer.split("|")
    }


def test_foreign_keys_point_downward_or_stay_at_home() -> None:
    height = layers()
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("comptoir.")
        for field in model._meta.get_fields()
        if field.many_to_one and field.related_model and field.related_model._meta.app_label in height
        if field.related_model._meta.app_label != model._meta.app_label
        if height[field.related_model._meta.app_label] >= height[model._meta.app_label]
    ]
    assert upward == []


def test_every_listener_is_there() -> None:
    for listeners in settings.EVENT_LISTENERS.values():
        for listener in listeners:
            assert callable(import_string(listener))
    assert set(settings.DELIVERED_FIRST) <= {each for named in settings.EVENT_LISTENERS.values() for each in named}


def test_every_kind_of_work_has_its_words() -> None:
    opened = {
        kind
        for file in (ROOT / "src" / "comptoir").rglob("*.py")
        for call in re.findall(
            r"(?:open_work|mail_waits|have_called|_put_on_list)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", file.read_text()
        )
        for kind in re.findall(r'kind="(\w+)"', call)
    }
    assert opened == set(KINDS)


def test_every_action_on_record_has_its_words() -> None:
    calls = [
        call
        for file in (ROOT / "src" / "comptoir").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("record", "_record")
    ]
    given = [value for call in calls for value in (*call.args, *(k.value for k in call.keywords if k.arg == "action"))]
    chosen = [
        value for each in given for value in ((each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,))
    ]
    actions = {value.value for value in chosen if isinstance(value, ast.Constant)}
    assert {"work closed", "check returned", "note written"} <= actions, "by keyword, by position, and of two"
    assert actions - set(ACTIONS) == set()


def test_every_instant_is_shown_by_the_vendors_clock() -> None:
    by_utc = [
        file.name
        for file in (ROOT / "src" / "comptoir").rglob("*.html")
        if re.search(r"\|(?:date|time):\"\w*TIME_FORMAT", file.read_text())
    ]
    assert by_utc == [], "the tag instant writes it as a clock at the vendor's does"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_every_package_says_what_it_is(package: Path) -> None:
    assert (package / "README.md").is_file(), f"{package.name} has no README.md"
