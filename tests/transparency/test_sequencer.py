"""The sequencer over a real folder: when a checkpoint comes out, what is refused, what stays the same."""

import errno
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from sulah.adapters.log.sequencer import Sequencer, begin_log, open_log, run
from sulah.adapters.log.store import TileStore
from sulah.kernel import points
from sulah.kernel.refusal import Refusal
from sulah.transparency.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from sulah.transparency.entry import Draft
from tests.transparency.made import AT, KEYS, LOG_KEY, ORIGIN, MemoryQueue, draft, grown, key_of, outside, with_log

DAY = date(2026, 11, 23)


def drafts(size: int) -> list[Draft]:
    return [draft(number) for number in range(size)]


def test_news_come_out_at_once_after_a_start_and_then_each_minute(tmp_path: Path) -> None:
    queue = MemoryQueue(drafts(10))
    store = TileStore(tmp_path)
    begin_log(store, LOG_KEY)
    sizes = []
    with store.writing():
        sequencer = open_log(store, queue, LOG_KEY)
        for second in (0, 1, 59, 60, 61, 119, 120, 300):
            queue.waiting += drafts(10)[: int(second < 200)]
            sequencer.turn(AT + timedelta(seconds=second))
            sizes.append(sequencer.published.size)
        assert not sequencer.is_due(AT + timedelta(days=1)), "without news nothing is due"
    assert sizes == [11, 11, 11, 14, 14, 14, 17, 17]
    assert open_checkpoint(store.checkpoint() or "", KEYS)[0].size == 17


def test_a_day_closes_with_all_that_waits_and_only_once(tmp_path: Path) -> None:
    closes: list[str] = []

    def close(sequencer: Sequencer) -> None:
        closes.append(sequencer.close(DAY, AT))

    with_log(tmp_path, drafts(5), close)
    with_log(tmp_path, drafts(9), close)
    assert closes[0] == closes[1] == TileStore(tmp_path).closed(DAY)
    with_log(tmp_path, drafts(9), lambda sequencer: closes.append(sequencer.close(DAY + timedelta(days=1), AT)))
    assert open_checkpoint(closes[2], KEYS)[0].size == 9
    with pytest.raises(Refusal, match="other bytes"):
        TileStore(tmp_path).keep_close(DAY, closes[2])
    assert outside("log", tmp_path)[0] == 0


def test_a_run_goes_on_until_it_is_idle_and_leaves_nothing_unsigned(tmp_path: Path) -> None:
    clock = count()
    with_log(tmp_path, drafts(300), lambda sequencer: run(sequencer, lambda: AT + timedelta(seconds=next(clock)), lambda: True))
    assert outside("log", tmp_path) == (0, outside("log", tmp_path)[1])
    assert "300 entries" in outside("log", tmp_path)[1]


def test_partial_tiles_go_when_their_full_one_stands(tmp_path: Path) -> None:
    grown(tmp_path, [100, 250, 300])
    assert not (tmp_path / "tile/0/000.p").exists()
    assert sorted(path.name for path in (tmp_path / "tile/0/001.p").iterdir()) == ["44"]


def test_keys_change_by_signing_with_both(tmp_path: Path) -> None:
    grown(tmp_path, [10])
    new = key_of(ORIGIN, seed="new")
    store = TileStore(tmp_path)
    with store.writing():
        open_log(store, numbered(10), LOG_KEY, new).publish(AT)
    for key in (LOG_KEY, new):
        assert outside("checkpoint", tmp_path / "checkpoint", trusted=[key.verifier.text])[0] == 0
    with store.writing():
        alone = open_log(store, numbered(10), new)
        alone.publish(AT)
    assert outside("checkpoint", tmp_path / "checkpoint", trusted=[new.verifier.text])[0] == 0
    assert outside("checkpoint", tmp_path / "checkpoint")[0] == 1


def files(folder: Path) -> dict[Path, bytes]:
    """Every file of a log, its lock left out."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


def assert_refused(folder: Path, queue: MemoryQueue, words: str, *keys: object) -> None:
    """Opening the log is refused in these words, and nothing of it is changed."""
    before = files(folder)
    store = TileStore(folder)
    with store.writing(), pytest.raises(Refusal, match=words):
        open_log(store, queue, *(keys or (LOG_KEY,)))  # type: ignore[arg-type]
    assert files(folder) == before


def numbered(size: int, story: str = "") -> MemoryQueue:
    """Records that gave so many numbers."""
    queue = MemoryQueue([draft(number, story) for number in range(size)])
    queue.number(size)
    return queue


def test_what_does_not_fit_the_checkpoint_is_refused_and_nothing_is_signed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    assert_refused(log, numbered(0), "begin the log")
    grown(log, [300])
    assert_refused(log, numbered(299), "records are older than the log")
    assert_refused(log, numbered(300, "other"), "different histories")
    assert_refused(log, numbered(300), "cannot be gone on with", key_of(ORIGIN, seed="another"))
    assert_refused(log, numbered(300), "its origin", LOG_KEY, key_of("other.example"))
    tile = log / "tile/0/001.p/44"
    held = tile.read_bytes()
    tile.write_bytes(bytes(32) + held[32:])
    assert_refused(log, numbered(300), "not those of its last tile")
    tile.unlink()
    assert_refused(log, numbered(300), "lacks its file")
    tile.write_bytes(held)
    top = log / "tile/1/000.p/1"
    top.write_bytes(bytes(32))
    assert_refused(log, numbered(300), "do not give the root")


def test_records_that_grew_younger_under_a_running_sequencer_stop_it(tmp_path: Path) -> None:
    queue = MemoryQueue(drafts(20))

    def grow(sequencer: Sequencer) -> None:
        sequencer.append()
        queue.count = 15
        with pytest.raises(Refusal, match="older than the log"):
            sequencer.append()

    store = TileStore(tmp_path)
    begin_log(store, LOG_KEY)
    with store.writing():
        grow(open_log(store, queue, LOG_KEY))


def test_a_full_tile_with_other_bytes_is_never_written_over(tmp_path: Path) -> None:
    grown(tmp_path, [200])
    (tmp_path / "tile/entries/000").write_bytes(b"somebody else's")

    def go_on(sequencer: Sequencer) -> None:
        with pytest.raises(Refusal, match="nothing will be signed"):
            sequencer.append()

    with_log(tmp_path, drafts(300), go_on)
    assert (tmp_path / "tile/entries/000").read_bytes() == b"somebody else's"
    assert open_checkpoint(TileStore(tmp_path).checkpoint() or "", KEYS)[0].size == 200


def test_a_log_is_begun_once_and_written_by_one(tmp_path: Path) -> None:
    store = TileStore(tmp_path)
    begin_log(store, LOG_KEY)
    with pytest.raises(Refusal, match="begun once"):
        begin_log(store, LOG_KEY)
    with store.writing(), pytest.raises(Refusal, match="one sequencer"), TileStore(tmp_path).writing():
        raise AssertionError("two writers")


@pytest.mark.parametrize("point", ["tlog.parts_written", "tlog.file_renamed", "tlog.checkpoint_synced"])
def test_a_full_disk_leaves_the_log_as_its_checkpoint_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    grown(tmp_path, [200])

    def fail(sequencer: Sequencer) -> None:
        monkeypatch.setitem(points._reached, point, count(1))
        monkeypatch.setenv("SULAH_STRIKE", f"{point}:1")
        monkeypatch.setenv("SULAH_STRIKE_WITH", "enospc")
        with pytest.raises(OSError, match="No space left") as caught:
            sequencer.close(DAY + timedelta(days=1), AT)
        assert caught.value.errno == errno.ENOSPC
        monkeypatch.delenv("SULAH_STRIKE")

    with_log(tmp_path, drafts(600), fail)
    assert "200 entries" in outside("log", tmp_path)[1]
    with_log(tmp_path, drafts(600), lambda sequencer: sequencer.close(DAY + timedelta(days=1), AT) and None)
    assert "600 entries" in outside("log", tmp_path)[1]


def test_a_checkpoint_of_another_origin_is_not_gone_on_with(tmp_path: Path) -> None:
    store = TileStore(tmp_path)
    begin_log(store, LOG_KEY)
    other = key_of("other.example")
    store.publish(str(sign_checkpoint(Checkpoint("other.example", 0, store_root(store)), [other])))
    assert_refused(tmp_path, numbered(0), "cannot be gone on with")


def store_root(store: TileStore) -> bytes:
    """The root that the checkpoint says."""
    return open_checkpoint(store.checkpoint() or "", KEYS)[0].root
