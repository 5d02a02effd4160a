"""The open examples of the linter, written by others than the frozen lines: their shape, and that none of them is a frozen one."""

import tomllib
from itertools import chain

import pytest

from tests.corpora.test_lint_corpus import BOOKS, HERE, PLACES, TEXTS, letters

OPEN = {
    name: tomllib.loads((HERE / "dev" / f"{name}.toml").read_text("utf-8"))["line"]
    for name in ("en-2", "en-3", "en-4", "en-5", "hi-2", "hi-3", "hi-4", "hi-5")
}
FROZEN = {letters(line["text"]) for line in chain(BOOKS["en"], BOOKS["hi"])}


@pytest.mark.parametrize("book", OPEN)
def test_there_are_three_hundred_of_each_verdict_and_each_says_why_it_is_bad(book: str) -> None:
    lines = OPEN[book]
    assert min(sum(line["verdict"] == verdict for line in lines) for verdict in ("bad", "good")) >= 300
    assert all(isinstance(line[name], str) for line in lines for name in TEXTS)
    assert [line["id"] for line in lines if (line["verdict"] == "bad") != bool(line["kinds"]) or line["where"] not in PLACES] == []


def test_no_example_stands_twice_and_none_is_a_frozen_line() -> None:
    texts = [letters(line["text"]) for line in chain.from_iterable(OPEN.values())]
    assert len(texts) == len(set(texts))
    assert FROZEN & set(texts) == set()
