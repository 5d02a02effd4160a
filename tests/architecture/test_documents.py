"""The documents keep their promises: headings, lists, links and commands that are really there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sulah.cli.main import COMMANDS
from tests.architecture.tree import ROOT, SHARED, project_files, short

DOCS = ROOT / "docs"
STATUSES = {"built", "partly", "not yet", "in this issue"}
ROW = re.compile(r"^\| ([A-Z]\d+) \|(.*)\|$", re.MULTILINE)


def _rows() -> list[tuple[str, list[str]]]:
    """Each row of docs/features.md: id, and the cells after it (feature, status, where, test)."""
    found = ROW.findall((DOCS / "features.md").read_text("utf-8"))
    return [(feature, [cell.strip() for cell in rest.split("|")]) for feature, rest in found]


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    """A change without a line under Unreleased is news to its users."""
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_licence_is_apache_2_in_full() -> None:
    """The whole text, as the file's name promises."""
    words = " ".join((ROOT / "LICENSE").read_text("utf-8").split())
    assert words.startswith("Apache License Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in words


def test_make_thorough_runs_every_suite_that_has_two_depths() -> None:
    """A suite that `make test` takes a part of, and that no verb runs whole, is never run whole."""
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nthorough:")[2].partition("\n\n")[0]
    tests = ROOT / "tests"
    cut = {
        path.relative_to(tests).parts[0]
        for path in tests.glob("*/**/*.py")
        if re.search(r"^from tests\.depth import", path.read_text("utf-8"), re.MULTILINE)
    }
    assert {"campaigns", "contact", "oracle"} <= cut
    assert cut - set(re.findall(r"tests/(\w+)", recipe)) == set()


def test_every_feature_of_the_map_is_listed_once() -> None:
    """Nothing that was asked for is passed over in silence."""
    if not SHARED.is_dir():
        pytest.skip("the feature map lies beside the repository and is not here")
    asked = [feature for feature, _ in ROW.findall((SHARED / "features.md").read_text("utf-8"))]
    assert sorted(feature for feature, _ in _rows()) == sorted(asked)


def test_every_feature_says_plainly_how_far_it_is() -> None:
    """One of four words, so that the page can be counted."""
    assert {cells[1] for _, cells in _rows()} <= STATUSES


def test_a_built_feature_names_where_it_is_and_the_test_that_shows_it() -> None:
    """`built` is a claim that a reader can try."""
    assert [feature for feature, cells in _rows() if cells[1] in {"built", "partly"} and not (cells[2] and cells[3])] == []


def test_every_file_that_the_feature_page_names_exists() -> None:
    """Places in code spans are paths from the root, with `::test` where one test is meant."""
    places = [place for _, cells in _rows() for cell in cells[2:] for place in re.findall(r"`([^`]+)`", cell)]
    assert [place for place in places if not (ROOT / place.partition("::")[0]).exists()] == []


def test_every_test_that_the_feature_page_names_is_in_its_file() -> None:
    """A name after `::` is a test function of the file before it."""
    named = [place.split("::")[:2] for _, cells in _rows() for cell in cells[2:] for place in re.findall(r"`([^`]+::[^`]+)`", cell)]
    assert named
    texts = {path: (ROOT / path).read_text("utf-8") for path, _ in named}
    assert [f"{path}::{name}" for path, name in named if f"\ndef {name}(" not in texts[path]] == []


def _terms() -> list[tuple[str, str]]:
    """The glossary's terms with their sentences."""
    return re.findall(r"^- \*\*(.+?)\*\*: (.+)$", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)


def test_the_glossary_is_in_order_and_says_each_term_once() -> None:
    """A term is found where a reader looks for it."""
    terms = [re.sub(r"[^a-z0-9]", "", term.lower()) for term, _ in _terms()]
    assert terms == sorted(set(terms))


def test_the_glossary_explains_each_term_in_one_sentence() -> None:
    """One sentence, ended by a full stop."""
    bare = [(term, re.sub(r"\([^)]*\)|e\.g\.|i\.e\.", "", sentence)) for term, sentence in _terms()]
    assert [term for term, sentence in bare if not sentence.endswith(".") or re.search(r"[.?!] [A-Z]", sentence)] == []


@pytest.mark.parametrize("term", ["DPD", "Bucket", "SMA", "NPA", "PAR", "Roll forward", "PTP", "Waterfall", "Disposition", "NACH", "JLG"])
def test_the_glossary_knows_the_words_on_the_pages(term: str) -> None:
    """The words that a branch manager meets first."""
    assert term in {name.partition(" (")[0] for name, _ in _terms()}


def _links(page: Path) -> Iterator[str]:
    """The relative links and pictures of a page, without the part after #."""
    for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            yield target.partition("#")[0]


def test_every_link_inside_the_documents_leads_somewhere() -> None:
    """Pages and pictures alike."""
    pages = [path for path in project_files() if path.suffix == ".md"]
    assert [f"{short(page)}: {target}" for page in pages for target in _links(page) if not (page.parent / target).exists()] == []


def _verbs(command: str) -> set[str]:
    """The words after a command inside the code of README and CONTRIBUTING."""
    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    code = "\n".join(block for pair in re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", text, re.DOTALL) for block in pair)
    return set(re.findall(rf"^ *(?:\S+/)?{command} ([a-z]+)", code, re.MULTILINE))


def test_every_make_verb_in_the_documents_exists() -> None:
    """What a newcomer types first must work."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= _verbs("make") <= targets


def test_every_sulah_command_in_the_documents_is_one_that_the_command_line_lists() -> None:
    """Nobody is told to type what there is not."""
    assert {"init", "load", "day"} <= _verbs("sulah") <= set(COMMANDS)
