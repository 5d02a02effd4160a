"""What lender.toml may say about watching, and how a name says its date."""

from datetime import date

import pytest

from sulah.adapters.lms.inbox_settings import WatchError, dated, watch_of
from tests.intake.extract import AS_OF
from tests.watch.inbox import Inbox


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"pattern": "%Y-%m/"}, "needs %Y, %m and %d once each"),
        ({"complete": "soon"}, "manifest, done or quiet"),
        ({"complete": "manifest", "pattern": "*_%Y%m%d.csv"}, "its own folder"),
        ({"quiet_seconds": 0}, "1 or more"),
        ({"name": "../x"}, "letters, digits"),
        ({"sftp": {"host": "h", "user": "u"}}, "needs host_key"),
        ({"sftp": {"host": "h", "user": "u", "host_key": "ssh-ed25519 A", "password": "x"}}, "no password belongs in a file"),
        ({"sftp": {"host": "h", "user": "u", "host_key": "ssh-ed25519 A"}}, "needs key_file"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(inbox: Inbox, row: dict[str, object], words: str) -> None:
    inbox.watch = {"source": [row]}
    with pytest.raises(WatchError, match=words):
        watch_of(inbox.lender)


@pytest.mark.parametrize(
    ("name", "pattern", "day"),
    [
        ("2026-03-31", "%Y-%m-%d", AS_OF),
        ("EXTRACT_31032026_final.CSV", "extract_%d%m%Y_*.csv", AS_OF),
        ("2026-13-31", "%Y-%m-%d", None),
        ("2026-02-29", "%Y-%m-%d", None),
        ("x2026-03-31", "%Y-%m-%d", None),
        ("2026x03x31", "%Y.%m.%d", None),
    ],
)
def test_a_name_says_its_date_by_the_pattern_or_not_at_all(name: str, pattern: str, day: date | None) -> None:
    assert dated(name, pattern) == day
