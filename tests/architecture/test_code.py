"""Sizes, docstrings, annotations, names, money, time and chance: what every file of the code must hold to."""

import ast
from collections.abc import Callable

import pytest

from tests.architecture import rules
from tests.architecture.tree import PACKAGE, broken, files, parsed, short

COUNTS_MONEY = ("src/sulah/kernel/", "src/sulah/payments/", "src/sulah/portfolio/", "src/sulah/resolution/")
CODE = ("src/", "tools/", "bench/")
EVERYWHERE = (*CODE, "tests/")
DOORS = ("src/sulah/cli/", "src/sulah/web/", "src/sulah/kernel/dates.py")
"""Where the machine's clock and chance may be asked: the doors, and the one function that they pass in."""


def test_no_file_is_longer_than_the_hard_stop() -> None:
    """300 lines is the aim; 400 is where a file must be divided."""
    counted = {short(path): path.read_text("utf-8").count("\n") for path in files(*EVERYWHERE)}
    assert {name: lines for name, lines in counted.items() if lines > rules.FILE_LINES} == {}


def test_no_function_is_longer_than_the_hard_stop() -> None:
    """40 lines is the aim; 60 is where a function must be divided."""
    assert broken(rules.long_functions, files(*EVERYWHERE)) == []


def test_modules_and_public_names_have_a_docstring() -> None:
    """A reader learns from the first line what a thing is for."""
    assert broken(rules.without_docstring, files(*CODE)) == []


def test_every_function_says_what_it_returns() -> None:
    """Return annotations are complete, tests included."""
    assert broken(rules.without_annotation, files(*EVERYWHERE)) == []


def test_money_is_never_a_float() -> None:
    """Paise are integers in the kernel and in the rooms that count them."""
    assert broken(rules.floats, files(*COUNTS_MONEY)) == []


def test_only_the_doors_ask_the_machine_for_the_time() -> None:
    """as_of and the clock are arguments; kernel/dates.py and the doors alone know the machine's."""
    assert broken(rules.clock_calls, [path for path in files("src/") if not short(path).startswith(DOORS)]) == []


def test_chance_has_a_seed_in_everything_that_decides() -> None:
    """What a rule, a step or the simulation does can be repeated; keys, ids and salts are drawn at the doors and in adapters."""
    drawn_elsewhere = (*DOORS, "src/sulah/adapters/", "src/sulah/actions/", "src/sulah/records/logged.py")
    assert broken(rules.chance_calls, [path for path in files("src/") if not short(path).startswith(drawn_elsewhere)]) == []


def test_classes_are_named_after_the_field() -> None:
    """A manager, helper, service, util, data or info is a name for nothing."""
    assert broken(rules.empty_class_names, files(*EVERYWHERE)) == []


def test_modules_and_folders_are_named_after_the_field() -> None:
    """The same holds for files and folders."""
    named = {part for path in files(*EVERYWHERE) for part in short(path).removesuffix(".py").split("/")}
    assert {name for name in named if rules.empty_name(name)} == set()


def test_statements_name_every_column() -> None:
    """SELECT * hides what a table is made of and expands wrongly on another engine."""
    found = [f"{short(path)}:{place}" for path in files("src/", ending=".sql") for place in rules.stars(path.read_text("utf-8"))]
    assert found + broken(rules.stars_in_texts, files("src/")) == []


def test_every_test_can_fail() -> None:
    """A test without an assertion, or with one about a constant, shows nothing."""
    assert broken(rules.assertless, [path for path in files("tests/") if path.name.startswith("test_")]) == []


def test_tests_mock_nothing() -> None:
    """A mocked answer is a success of the mock."""
    assert broken(rules.mocks, files("tests/")) == []


def test_there_is_code_to_hold_to_the_rules() -> None:
    """The rules above look at the whole package, not at an empty list."""
    assert PACKAGE / "kernel" / "money.py" in set(files(*COUNTS_MONEY))
    assert len(list(files("src/"))) > 50


@pytest.mark.parametrize(
    ("rule", "caught", "passed"),
    [
        (rules.long_functions, "def f():\n" + "    x = 1\n" * 60, "def f():\n" + "    x = 1\n" * 59),
        (rules.without_docstring, "'m'\ndef f(): ...", "'m'\ndef f():\n    'Says.'\ndef _g(): ..."),
        (rules.without_docstring, "'m'\nclass A:\n    'A.'\n    def f(self): ...", "'m'\nclass _A:\n    def f(self): ..."),
        (rules.without_docstring, "x = 1", "'m'\nx = 1"),
        (rules.without_annotation, "def f(): ...", "def f() -> None: ..."),
        (rules.floats, "x = float(y)", "x = int(y)"),
        (rules.floats, "rate: float", "rate: int"),
        (rules.floats, "x = y * 0.5", "x = y // 2"),
        (rules.clock_calls, "datetime.now(UTC)", "clock()"),
        (rules.clock_calls, "import datetime\ndatetime.date.today()", "datetime.date(2026, 1, 1)"),
        (rules.clock_calls, "timezone.now()", "timezone(offset)"),
        (rules.clock_calls, "time.time()", "time.monotonic()"),
        (rules.chance_calls, "random.choice(x)", "random.Random(7)"),
        (rules.chance_calls, "random.Random()", "draw.choice(x)"),
        (rules.chance_calls, "uuid.uuid4()", "uuid.uuid5(space, name)"),
        (rules.empty_class_names, "class LoanManager: ...", "class Management: ..."),
        (rules.empty_class_names, "class DataRow: ...", "class Metadata: ..."),
        (rules.assertless, "def test_f():\n    f()", "def test_f():\n    assert f()"),
        (rules.assertless, "def test_f():\n    assert True", "def test_f():\n    with pytest.raises(E):\n        f()"),
        (rules.assertless, "def test_f():\n    assert (f(), 'words')", "def test_f():\n    assert_same(f(), g())"),
        (rules.mocks, "from unittest.mock import patch", "from unittest import TestCase"),
        (rules.mocks, "from unittest import mock", "import unittest"),
        (rules.stars_in_texts, "x = 'select * from t'", "x = 'select count(*) from t'"),
    ],
)
def test_each_rule_catches_what_breaks_it_and_lets_the_rest_pass(rule: Callable[[ast.Module], list[str]], caught: str, passed: str) -> None:
    """The negative space of the rules themselves."""
    assert len(rule(ast.parse(caught))) == 1
    assert rule(ast.parse(passed)) == []


@pytest.mark.parametrize("statement", ["SELECT * FROM t", "SELECT a, t.* FROM t", "select distinct *\nfrom t", "SELECT columns(*)"])
def test_a_star_is_caught_wherever_it_stands(statement: str) -> None:
    """Plain, qualified, after a comma, after distinct."""
    assert len(rules.stars(statement)) == 1


@pytest.mark.parametrize(
    "statement", ["SELECT count(*) FROM t", "SELECT a * b FROM t", "SELECT a -- select *\nFROM t", "SELECT a, (b) * c"]
)
def test_a_star_that_counts_or_multiplies_is_no_offence(statement: str) -> None:
    """count(*) and a product name their columns."""
    assert rules.stars(statement) == []


def test_a_file_is_parsed_as_it_stands() -> None:
    """The tree under the rules is the file's own."""
    assert ast.get_docstring(parsed(PACKAGE / "__init__.py"))
