"""The trainer of weights: the same examples give the same points, to the byte, and the shipped files are what it made."""

import tomllib
from hashlib import sha256

import pytest

from sulah.policy.languages import rows
from sulah.policy.talk.weighing import weighing
from sulah.policy.weight_rows import load_weights
from tools.weigh.choose import Scored, chosen, cost
from tools.weigh.examples import CODES, DAY, INTENT, LINT, fingerprint, intent_examples, lint_examples
from tools.weigh.learn import joined, kept, learn, of_language
from tools.weigh.sheets import digest, place

SHEETS = [(code, use) for code in CODES for use in ("lint", "intent")]
MOST_LINES, MOST_WIDTH = 1_500, 140


def test_a_trait_of_the_meaning_weighs_for_it_and_one_of_the_rest_against_it() -> None:
    examples = [["bad", "a"], ["bad", "b"], ["good", "a"], ["good", "b"]] * 3
    points = learn(examples, [True, True, False, False] * 3)
    assert points["bad"] > 0 > points["good"]
    assert abs(points.get("a", 0)) < points["bad"] // 10


def test_learning_twice_gives_the_same_points_and_the_order_of_traits_does_not_matter() -> None:
    examples = [[f"t{(7 * number + step) % 31}" for step in range(5)] for number in range(60)]
    meant = [number % 3 == 0 for number in range(60)]
    assert learn(examples, meant) == learn([list(reversed(one)) for one in examples], meant) != learn(examples, meant, rounds=1)


def test_a_miss_may_cost_more_than_a_false_alarm() -> None:
    examples, meant = [["x"]] * 6 + [["x", "y"]] * 2, [False] * 5 + [True] + [True, False]
    assert learn(examples, meant, for_meant=8.0)["x"] > learn(examples, meant)["x"]


def test_traits_of_a_language_are_its_own_and_shared_ones_are_of_both() -> None:
    made = joined(["en", "hi"], [["w:pay", "k:kin"], ["w:pay", "k:kin"]])
    assert made == [["en|w:pay", "k:kin"], ["hi|w:pay", "k:kin"]]
    assert of_language({"en|w:pay": 1, "hi|w:pay": 2, "k:kin": 3}, "hi") == {"w:pay": 2, "k:kin": 3}
    assert kept({"a": 1, "b": -5, "c": 3}, 2) == {"b": -5, "c": 3}


@pytest.mark.parametrize(("code", "use"), SHEETS)
def test_nobody_edits_weights_by_hand_unseen(code: str, use: str) -> None:
    """The points are those whose digest stands beside them, and were learned from the open examples as they are now."""
    trained_on = fingerprint(lint_examples() if use == "lint" else intent_examples())
    for row in rows(code, f"{use}_weights"):
        points = load_weights(code, use, DAY)[row["of"]].points
        assert len(points) > 1_000
        assert (digest(points), row["trained_on"], row["reviewed_by"]) == (row["sha256"], trained_on, "")


@pytest.mark.parametrize(("code", "use"), SHEETS)
def test_a_file_of_weights_is_short_enough_to_be_read_and_says_how_it_was_made(code: str, use: str) -> None:
    lines = place(code, use).read_text("utf-8").splitlines()
    assert len(lines) < MOST_LINES
    assert max(map(len, lines)) <= MOST_WIDTH
    assert "python -m tools.weigh --check" in lines[1]


def text(score: int, *, bad: bool, code: str = "en") -> Scored:
    """A text of one long sentence that breaks no row."""
    return Scored("w", code, bad, False, False, False, score, score, -9_999, score)


def test_bounds_are_those_that_cost_least_and_of_near_ones_those_that_hold_back_fewest_good_texts() -> None:
    costs = weighing("lint", DAY)
    assert costs is not None
    texts = [text(score, bad=bad, code=code) for code in CODES for score, bad in ((150, True), (50, True), (-50, False), (-50, False))]
    bounds, price = chosen(texts, costs)
    assert (bounds["block"], bounds["short"], price) == (0, 0, 0.0)
    harsh = [*texts, *(text(50, bad=False, code=code) for code in CODES for _ in range(20))]
    assert chosen(harsh, costs)[0]["block"] == 100
    assert cost(texts, bounds | {"block": 100}, costs) == pytest.approx(50 + 50 / 4)


def test_no_frozen_line_is_among_the_examples() -> None:
    """The examples come from the open folders alone, and no text of theirs is frozen; texts are compared, never shown."""
    frozen = {sha256(line["text"].encode()).digest() for code in CODES for line in _frozen(code)}
    assert len(frozen) > 1_000
    assert not frozen & {sha256(one.text.encode()).digest() for one in (*lint_examples(), *intent_examples())}


def _frozen(code: str) -> list[dict[str, str]]:
    lint = tomllib.loads((LINT.parent / f"{code}.toml").read_text("utf-8"))["line"]
    return [*lint, *tomllib.loads((INTENT / f"{code}.toml").read_text("utf-8"))["lines"]]


@pytest.mark.slow
def test_learning_from_the_open_examples_again_gives_the_shipped_files() -> None:
    from tools.weigh.__main__ import made

    assert [path for use in ("lint", "intent") for path, text in made(use) if path.read_text("utf-8") != text] == []
