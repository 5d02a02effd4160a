"""The open messages of borrowers: their shape, and that none of them is a frozen one."""

import tomllib

import pytest

from tests.corpora.test_intent_corpus import FOLDER, INTENTS, Line, bare, lines_of

KEYS = {"id", "text", "intent", "also", "about", "near", "author", "reviewer"}


def opened(language: str) -> list[Line]:
    return list(tomllib.loads((FOLDER / "open" / f"{language}.toml").read_text("utf-8"))["lines"])


@pytest.mark.parametrize("language", ["en", "hi"])
def test_each_says_what_it_means_and_whose_death(language: str) -> None:
    for line in opened(language):
        assert line.keys() == KEYS, line["id"]
        assert {line["intent"], *line["also"]} <= set(INTENTS), line["id"]
        assert (line["about"] in ("borrower", "family")) is (line["intent"] == "death"), line["id"]
        assert not line["near"] or (line["near"] in INTENTS and line["near"] != line["intent"]), line["id"]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_none_stands_twice_and_none_is_a_frozen_one(language: str) -> None:
    texts = [bare(line["text"]) for line in opened(language)]
    assert len(texts) == len(set(texts)) > 1_000
    assert {bare(line["text"]) for line in lines_of("frozen", language)} & set(texts) <= {""}  # pictures alone
