"""SMPP and SMTP over a connection that breaks after any octet, mid-unit and mid-text: what is called taken arrived, what is called not
taken did not, and all else is called not known."""

import time
from collections import Counter
from pathlib import Path

import pytest

from sulah.adapters.channels.email import EmailChannel
from sulah.adapters.channels.sms import SmsChannel
from sulah.outreach.channel import Answer, Message, NeverTaken, Taken
from sulah.outreach.email.settings import settings_of
from tests.channels.cutting import Cut, cutting
from tests.channels.mail_place import ASHA, SECRETS, email_toml, mail_place
from tests.channels.smsc_place import message, settings, smsc
from tests.depth import so_many

STEP = so_many(1, 29)
"""Every octet in a whole run, every 29th in a usual one."""


def places(cut: Cut) -> list[tuple[bool, int]]:
    """Where to cut: in each direction over as many octets as an undisturbed hand-over has; the first and the last ones more closely."""
    found = []
    for up, octets in cut.passed.items():
        near_the_end = () if up else range(max(0, octets - 60), octets)  # among them every octet of the answer to the whole message
        found += [(up, after) for after in sorted({*range(0, octets, STEP), *near_the_end, octets - 2, octets - 1})]
    return found


def judged(answer: Answer, arrived: bool) -> str:
    """The kind of answer; a word that is not true is a defect."""
    if isinstance(answer, Taken):
        assert arrived, "called taken, and did not arrive"
    if isinstance(answer, NeverTaken):
        assert not arrived, "called not taken, and arrived"
    return f"{type(answer).__name__}{', arrived' if arrived else ''}"


def test_smpp_cut_after_any_octet_tells_no_untruth(capsys: pytest.CaptureFixture[str]) -> None:
    told: Counter[str] = Counter()
    with smsc() as place, cutting(place.port) as (port, cut):

        def hand_over(reference: str) -> Answer:
            """Over a connection of its own."""
            channel = SmsChannel(settings(port))
            try:
                return channel.send("smsc", message(reference), time.monotonic() + 5)
            finally:
                channel.close()

        assert isinstance(hand_over("whole"), Taken)
        for number, (up, after) in enumerate(places(cut)):
            before = len(place.texts())
            cut.after, cut.up, cut.passed = after, up, {True: 0, False: 0}
            answer = hand_over(f"m-{number}")
            time.sleep(0.02)
            told[judged(answer, len(place.texts()) > before)] += 1
    with capsys.disabled():
        print(f"\nSMPP, cut at {sum(told.values())} places: {dict(told)}")
    assert {"NeverTaken", "Unknown, arrived"} <= set(told)


def test_smtp_cut_after_any_octet_tells_no_untruth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: Counter[str] = Counter()
    with mail_place(tmp_path) as place, cutting(place.settings.provider("relay").port) as (port, cut):
        channel = EmailChannel(settings_of(email_toml(port), SECRETS))

        def hand_over(reference: str) -> Answer:
            """Every hand-over is a connection of its own."""
            return channel.send("relay", Message(reference, ASHA, "due", ("1,234.50", "1,234.50", "LN/1")), time.monotonic() + 5)

        assert isinstance(hand_over("whole"), Taken)
        for number, (up, after) in enumerate(places(cut)):
            before = len(place.server.taken)
            cut.after, cut.up, cut.passed = after, up, {True: 0, False: 0}
            answer = hand_over(f"m-{number}")
            time.sleep(0.02)
            told[judged(answer, len(place.server.taken) > before)] += 1
    with capsys.disabled():
        print(f"\nSMTP, cut at {sum(told.values())} places: {dict(told)}")
    assert {"NeverTaken", "Unknown, arrived"} <= set(told)


def test_what_the_proxy_lets_through_arrives() -> None:
    """Else the campaign would prove nothing."""
    with smsc() as place, cutting(place.port) as (port, cut):
        channel = SmsChannel(settings(port))
        assert [type(channel.send("smsc", message(f"m-{n}"), time.monotonic() + 5)) for n in range(3)] == [Taken] * 3
        channel.close()
        assert cut.passed[True] > 300
        cut.after = 10
        assert not isinstance(SmsChannel(settings(port)).send("smsc", message("late"), time.monotonic() + 5), Taken)
