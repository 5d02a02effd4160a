"""Names given as text are imports too: every one of them must lead somewhere."""

import ast
import importlib
import importlib.util
import re
import tomllib
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings

from tests.architecture.tree import ROOT, broken, files

DOTTED = re.compile(r"[a-z_]\w*(\.\w+)+")
OURS = re.compile(r"sulah(\.\w+)+(:\w+)?(?<!\.sqlite3)")
NAMING = (
    *("INSTALLED_APPS", "MIDDLEWARE", "AUTHENTICATION_BACKENDS", "PASSWORD_HASHERS", "AUTH_PASSWORD_VALIDATORS", "TEMPLATES", "STORAGES"),
    *("STATICFILES_FINDERS", "CACHES", "LOGGING", "DATABASES", "ROOT_URLCONF", "WSGI_APPLICATION", "SESSION_ENGINE", "CSRF_FAILURE_VIEW"),
)
"""The settings that name code."""


def leads_nowhere(name: str) -> str:
    """Empty when `a.b.c` or `a.b:c` is a module or something in one; else the words of the import that failed."""
    path = name.replace(":", ".")
    try:
        importlib.import_module(path)
    except ImportError as first:
        owner, _, attribute = path.rpartition(".")
        try:
            return "" if hasattr(importlib.import_module(owner), attribute) else f"{name}: {first}"
        except ImportError as second:
            return f"{name}: {second}"
    return ""


def dotted(value: object) -> Iterator[str]:
    """Every dotted name in a setting, however deep it lies, where the first part is a package that can be imported."""
    if isinstance(value, str):
        if DOTTED.fullmatch(value) and importlib.util.find_spec(value.partition(".")[0]):
            yield value
    elif isinstance(value, dict):
        for inner in (*value.keys(), *value.values()):
            yield from dotted(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from dotted(inner)


@pytest.mark.parametrize("setting", NAMING)
def test_every_name_in_the_settings_resolves(setting: str) -> None:
    """Apps, middleware, back-ends, context processors: a misspelt one shows here and not at a lender's."""
    found = [words for name in dotted(getattr(settings, setting, None)) if (words := leads_nowhere(name))]
    assert found == []


def test_the_settings_are_looked_into() -> None:
    """The walk above finds what it should: our own app among the installed ones."""
    assert "sulah.records" in {name.partition(".apps")[0] for name in dotted(settings.INSTALLED_APPS)}
    assert apps.get_model(settings.AUTH_USER_MODEL).__module__.startswith("sulah.records")


def test_every_console_script_resolves() -> None:
    """`sulah` on the command line is a name in pyproject.toml."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts
    assert [words for target in scripts.values() if (words := leads_nowhere(target))] == []


def names_of_ours(tree: ast.Module) -> list[str]:
    """Texts that are exactly the dotted name of something of ours and lead nowhere."""
    texts = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and OURS.fullmatch(node.value)
    ]
    return [f"{node.lineno}: {words}" for node in texts if (words := leads_nowhere(str(node.value)))]


def test_every_name_of_ours_written_as_text_resolves() -> None:
    """Imports by text escape import-linter; they do not escape this."""
    assert broken(names_of_ours, files("src/", "tools/")) == []


@pytest.mark.parametrize("name", ["sulah.kernel.money", "sulah.kernel.money.split", "sulah.kernel.money:split"])
def test_a_name_that_is_there_is_found(name: str) -> None:
    """Module, attribute, and the form of console scripts."""
    assert leads_nowhere(name) == ""


@pytest.mark.parametrize("name", ["sulah.kernel.silver", "sulah.kernel.money.melt", "sulah.kernel.money:melt", "sulah.nowhere.at.all"])
def test_a_name_that_is_not_there_is_caught(name: str) -> None:
    """A missing module, attribute or package is told with its name."""
    assert name in leads_nowhere(name)
