"""The stop switch: what waits is withdrawn at once with its rule, claimed work too, and nothing that it forbids goes after it."""

import os
import signal

import pytest

from tests.outbox.place import Place, gateway, until

pytestmark = pytest.mark.slow


def test_a_stop_withdraws_what_waits_and_leaves_what_it_still_allows(place: Place) -> None:
    with gateway(place) as sandbox:
        wanted = [[f"p{n}.{kind}", f"p{n}", f"LN/{n}", kind] for n in (1, 2) for kind in ("recovery", "receipt")]
        place.run("prepare", messages=wanted)
        assert place.run("stop", event="complaint", scope="person", key="p1", person="p1")["withdrawn"] == 1
        assert place.run("work")["outcomes"] == {"sent": 3}
        assert sorted(kept["reference"] for kept in sandbox.kept()) == ["p1.receipt", "p2.receipt", "p2.recovery"]
    found = place.rows("SELECT state, ended_by, words FROM records_outbox WHERE reference = 'p1.recovery'")
    assert found == [("withdrawn", '["T-STOP-complaint"]', "Stopped: complaint.")]


@pytest.mark.parametrize(
    ("event", "scope", "key", "withdrawn"),
    [("paid", "loan", "LN/1", 1), ("death", "person", "p1", 2), ("opt_out", "channel", "sms", 2), ("lender_stopped", "lender", "", 4)],
)
def test_each_scope_covers_exactly_what_it_names(place: Place, event: str, scope: str, key: str, withdrawn: int) -> None:
    place.ports.append(1)
    place.set_up()
    place.run("prepare", messages=[[f"p{n // 2}.{n}", f"p{n // 2}", f"LN/{n}", "recovery"] for n in range(2, 4)])
    place.run("prepare", messages=[["q.0", "p9", "LN/8", "recovery"], ["q.1", "p9", "LN/9", "recovery"]])
    place.rows("UPDATE records_outboxloan SET loan_id = 'LN/1' WHERE loan_id = 'LN/2'")
    assert place.run("stop", event=event, scope=scope, key=key, person="p1")["withdrawn"] == withdrawn


def test_a_message_in_a_workers_hand_is_not_sent_after_the_stop(place: Place) -> None:
    """The worker has claimed and is held up; the stop comes; the worker goes on."""
    with gateway(place) as sandbox:
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]])
        hand = place.start("work", strike="outbox.claimed", how="stop")
        assert until(lambda: place.states() == {"claimed": 1})
        assert place.run("stop", event="paid", scope="loan", key="LN/1")["withdrawn"] == 1
        os.kill(hand.pid, signal.SIGCONT)
        assert hand.answer()["outcomes"] in ({"lost": 1}, {})
        assert sandbox.kept() == []
    assert place.states() == {"withdrawn": 1}
    assert place.contacts() == {}


def test_a_stop_that_withdrew_nothing_is_seen_before_the_hand_over_all_the_same(place: Place) -> None:
    """As where somebody writes the stop without the switch: the guard decides again at the moment of sending."""
    with gateway(place) as sandbox:
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]])
        place.run("stop", event="death", scope="person", key="p1", person="p1")
        place.rows("UPDATE records_outbox SET state = 'queued', stop_id = NULL, ended_by = '[]'")
        assert place.run("work")["outcomes"] == {"withdrawn": 1}
        assert sandbox.kept() == []
    assert place.rows("SELECT refused_by FROM records_decision") == [(" T-STOP-death ",)]


def test_what_the_provider_had_accepted_is_counted_apart(place: Place) -> None:
    with gateway(place):
        place.run("prepare", messages=[["m1", "p1", "LN/1", "recovery"], ["m2", "p1", "LN/1", "recovery"]])
        place.run("work", limits={"batch": 1})
        place.run("prepare", messages=[["m3", "p1", "LN/1", "recovery"]])
        answer = place.run("stop", event="paid", scope="loan", key="LN/1")
    assert (answer["withdrawn"], answer["accepted_before"]) == (1, 2)


def many(place: Place, count: int) -> None:
    """Copy the one queued message until there are so many."""
    columns = [name for _, name, *_ in place.rows("PRAGMA table_info(records_outbox)") if name not in ("id", "reference")]
    named = ", ".join(columns)
    place.rows(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO records_outbox (reference, {named}) SELECT reference || '.' || i, {named} FROM records_outbox, n"
    )


def test_twenty_thousand_queued_messages_are_withdrawn_in_one_statement(place: Place) -> None:
    place.ports.append(1)
    place.set_up()
    place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]])
    many(place, 20_000)
    assert place.run("stop", event="lender_stopped", scope="lender")["withdrawn"] == 20_001
    assert place.states() == {"withdrawn": 20_001}
