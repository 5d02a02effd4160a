"""The languages that come with Sulah: each a folder that is shipped whole, and honest about who has read it."""

import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest

from sulah.policy.languages import LANGUAGES, load_languages, rows
from tests.architecture.tree import PACKAGE, ROOT


def test_every_folder_is_a_language_and_every_language_a_folder() -> None:
    """A folder that nothing reads, or a code without its folder, fails."""
    folders = {path.name for path in (PACKAGE / "policy" / "languages").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_says_what_it_is_in_its_own_script(code: str) -> None:
    """Name, script and direction are filled, and the own name is written in that script."""
    language = load_languages()[code]
    scripts = {
        "Latn": "LATIN",
        "Deva": "DEVANAGARI",
        "Taml": "TAMIL",
        "Telu": "TELUGU",
        "Knda": "KANNADA",
        "Beng": "BENGALI",
        "Orya": "ORIYA",
    }
    assert language.code == code
    assert all(unicodedata.name(sign).startswith(scripts[language.script]) for sign in language.own_name)
    assert language.direction in ("ltr", "rtl")


def test_no_language_claims_a_native_reader_that_it_has_not_had() -> None:
    """Nobody has read them, so each says so: a name here needs a date beside it."""
    assert {code for code, one in load_languages().items() if one.reviewed_by and not one.reviewed_on} == set()
    assert all(one.author for one in load_languages().values())


def test_a_sheet_that_a_language_has_not_got_is_empty_and_an_unknown_language_is_refused() -> None:
    """A new language begins with the sheets that it has; a misspelt code does not."""
    assert rows("en", "nothing_of_the_kind") == []
    with pytest.raises(KeyError, match="there is no language 'xx'"):
        rows("xx", "language")


def test_the_sheets_of_every_language_are_shipped_with_the_package(tmp_path: Path) -> None:
    """What setuptools copies into a build holds every sheet that stands in the tree, folder by folder."""
    build = "from setuptools import setup; setup()"
    order = [sys.executable, "-c", build, "-q", "build_py", "--build-lib", str(tmp_path / "built"), "egg_info", "--egg-base", str(tmp_path)]
    subprocess.run(order, cwd=ROOT, check=True, capture_output=True, text=True)
    shipped = {path.relative_to(tmp_path / "built" / "sulah") for path in (tmp_path / "built").rglob("languages/**/*.toml")}
    assert shipped == {path.relative_to(PACKAGE) for path in (PACKAGE / "policy" / "languages").rglob("*.toml")}
    assert all(tomllib.loads((PACKAGE / path).read_text("utf-8")) for path in shipped)
