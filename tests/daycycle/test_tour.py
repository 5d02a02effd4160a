"""The tour of the day cycle is generated: the page in docs equals what the steps, contracts and statements say today."""

from pathlib import Path

from sulah.contracts.registry import EXTRACT
from sulah.daycycle.steps import STEPS
from sulah.daycycle.tour import adds, extract_page, sentences, tour

ROOT = Path(__file__).resolve().parents[2]


def test_the_tour_in_docs_equals_what_the_steps_say() -> None:
    """Written anew with `python -m sulah.daycycle.tour docs`."""
    assert (ROOT / "docs" / "tour.md").read_text("utf-8") == tour()


def test_the_tour_tells_every_step_in_the_order_in_which_it_runs() -> None:
    """Each step has its own entry; none is told twice."""
    page = tour()
    places = [page.index(f"- **{step.table}**: ") for step in STEPS]
    assert places == sorted(places)
    assert all(page.count(f"- **{step.table}**: ") == 1 for step in STEPS)


def test_each_rule_that_the_tour_links_has_a_page() -> None:
    """Links lead to docs/policy, written from the rows themselves."""
    page = tour()
    rules = {part.partition(".md)")[0] for part in page.split("](policy/")[1:]}
    assert {"waterfall", "day_count", "asset_limit", "stage", "provision"} <= rules
    assert [rule for rule in sorted(rules) if not (ROOT / "docs" / "policy" / f"{rule}.md").is_file()] == []


def test_the_head_comment_of_a_statement_ends_at_its_inputs() -> None:
    """A table's own name and its list of inputs are left out; the next statement line is never read."""
    text = "-- due: rows. Two of them. A third.\n-- Inputs: a.\nSELECT 1 AS x -- more: Words."
    assert sentences(text) == ["Rows.", "Two of them.", "A third."]


def test_a_sentence_that_repeats_the_contract_is_not_told_again() -> None:
    """Seven known words in ten are a repetition; fewer are news."""
    known = "aa bb cc dd ee ff gg"
    assert not adds(f"{known} xx yy zz", known)
    assert adds(f"{known} ww xx yy zz", known)


def test_the_page_of_the_extract_equals_the_contracts() -> None:
    """Written anew with the same command; every column that a lender may send has its line."""
    page = extract_page()
    assert (ROOT / "docs" / "operate" / "extract.md").read_text("utf-8") == page
    assert page.count("\n| `") == sum(len(table.columns) for table in EXTRACT.values())
    assert "| `principal` * | rupees |" in page
