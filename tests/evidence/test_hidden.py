"""What a replay says of decisions whose facts are gone: who was erased since, and whether the log was told of it."""

import json
from datetime import datetime, timedelta

import pytest

from sulah.guard.bundle import DECISIONS
from sulah.guard.replay_says import replay_words
from tests.evidence.small_bundle import erasure_of, receipt_for, records, text_of
from tests.evidence.test_replay_says import BOOK, CLEAN, Record, nth, replay, said, with_decision, without_facts

CAPS = sum(
    each["rule_id"] in {row["rule_id"] for row in json.loads(CLEAN[BOOK])["sheets"]["contact_rule"] if row["predicate"] == "cap"}
    for one in records(CLEAN, DECISIONS)
    for each in one["verdicts"]
)
"""Answers of caps in the clean bundle."""


class TestErased:
    """People whose facts are gone."""

    place = nth(False)
    one = records(CLEAN, DECISIONS)[nth(False)]
    person, at = one["intent"]["person_id"], datetime.fromisoformat(one["intent"]["at"])

    @pytest.mark.parametrize(("later", "held"), [(timedelta(microseconds=-1), False), (timedelta(), True), (timedelta(days=9), True)])
    def test_facts_may_be_gone_only_of_who_was_erased_since(self, later: timedelta, held: bool) -> None:
        line = text_of([{"person": self.person, "at": (self.at + later).isoformat(), "certificate": "c"}])
        found = replay(decisions=without_facts(self.place), erasures=line)
        assert found.holds is held
        assert (found.decisions, found.same, found.erased, found.recounted) == (14, 13, int(held), 13)
        assert found.caps == replay().caps == CAPS, "what the ledger counts needs no facts"
        words = "1 are of people who were erased: their facts are gone, so they cannot be decided again."
        assert (words in replay_words(found, digest_known=True)) is held

    def test_the_erasure_of_another_person_is_none_of_this_one(self) -> None:
        line = text_of([{"person": "P9", "at": (self.at + timedelta(days=1)).isoformat(), "certificate": "c"}])
        assert said(decisions=without_facts(self.place), erasures=line) == [
            f"decision {self.place + 1}, fact facts: its facts are gone, and nothing says that the person was erased since"
        ]

    def test_an_erasure_whose_receipt_names_person_instant_and_certificate_is_proven(self) -> None:
        """By the words alone: whether they stand in the lender's log is for the outside verifier."""
        for told in (b"", text_of(map(receipt_for, records(CLEAN, DECISIONS)))):
            found = replay(decisions=without_facts(self.place), erasures=text_of([erasure_of(self.person, self.at)]), receipts=told)
            assert [str(one) for one in found.differences] == []
            assert (found.erased, found.proven, found.unproven) == (1, 1, 0)
            words = "1 are hidden by erasures of which a receipt says the same. Whether it is of the lender's log, sulah_bundle.py says."
            assert words in replay_words(found, digest_known=True)

    @pytest.mark.parametrize("name", ["act", "at", "certificate", "subject"])
    def test_an_erasure_of_which_the_log_was_told_otherwise_hides_nothing(self, name: str) -> None:
        """The act of something else, another instant, another certificate, another person."""
        line = erasure_of(self.person, self.at, **{name: "other"})
        told = text_of(map(receipt_for, records(CLEAN, DECISIONS)))
        assert said(decisions=without_facts(self.place), erasures=text_of([line]), receipts=told) == [
            f"file erasures.jsonl: of the erasure of {self.person}: the log was told otherwise: {name}",
            f"decision {self.place + 1}, fact facts: its facts are gone, and no receipt of the log proves the erasure",
        ]

    @pytest.mark.parametrize("receipt", [{}, {"entry": "[" * 99_999, "opening": {}}, {"entry": "{}", "opening": {"payload": "[]"}}, 7])
    def test_a_receipt_of_an_erasure_that_cannot_be_read_is_told(self, receipt: object) -> None:
        line = {**erasure_of(self.person, self.at), "receipt": receipt}
        (found,) = said(decisions=without_facts(self.place), erasures=text_of([line]))
        assert found.startswith(f"file erasures.jsonl: of the erasure of {self.person}: the receipt cannot be read: ")
        assert replay(decisions=without_facts(self.place), erasures=text_of([line])).proven == 0

    def test_words_that_name_no_certificate_are_not_those_of_the_erasure(self) -> None:
        line = text_of([erasure_of(self.person, self.at, after=["e"])])
        assert said(erasures=line) == [f"file erasures.jsonl: of the erasure of {self.person}: the log was told otherwise: certificate"]

    def test_of_a_log_that_has_the_decisions_the_erasure_must_be_shown_too(self) -> None:
        """Without a log nothing is there to show it: it holds, and the words say how many the erasure hides."""
        line = text_of([{**erasure_of(self.person, self.at), "receipt": None}])
        found = replay(decisions=without_facts(self.place), erasures=line)
        assert (found.holds, found.erased, found.proven, found.unproven) == (True, 1, 0, 1)
        words = "1 are hidden by erasures that nothing proves: no receipt of a log says that the person was erased."
        assert words in replay_words(found, digest_known=True)
        told = text_of(map(receipt_for, records(CLEAN, DECISIONS)))
        found = replay(decisions=without_facts(self.place), erasures=line, receipts=told)
        assert [one.decision for one in found.differences] == [self.place + 1]
        assert (found.erased, found.unproven, found.receipts) == (0, 1, found.decisions)
        assert said(erasures=line, receipts=told) == [], "an erasure that hides nothing needs no proof"

    @pytest.mark.parametrize(("line", "why"), [({"at": "2026-11-25"}, "KeyError('person')"), ({"person": "P1"}, "KeyError('at')")])
    def test_an_erasure_that_cannot_be_read_is_named(self, line: Record, why: str) -> None:
        assert said(erasures=text_of([line])) == [f"file erasures.jsonl: an erasure cannot be read: {why}"]

    def test_a_cap_that_the_ledger_contradicts_is_told_even_of_who_was_erased(self) -> None:
        line = text_of([{"person": self.person, "at": (self.at + timedelta(days=1)).isoformat(), "certificate": "c"}])
        caps = {row["rule_id"] for row in json.loads(CLEAN[BOOK])["sheets"]["contact_rule"] if row["predicate"] == "cap"}

        def refused(one: Record) -> Record:
            verdicts = [{**each, "answer": "no"} if each["rule_id"] in caps else each for each in one["verdicts"]]
            return {**one, "facts": None, "verdicts": verdicts}

        found = said(decisions=with_decision(self.place, refused), erasures=line)
        assert found
        assert all("count by the ledger" in one and one.endswith("and the cap did not let it through") for one in found)
