"""Batches become the files of one delta: in order, each key at most once in a file, every record in one place."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.actions.forget_batches import forget_batches
from sulah.actions.load_folder import LoadError
from sulah.actions.load_received import turn_down, waiting
from sulah.adapters.book.layout import Lender
from sulah.adapters.lms.api_settings import ApiSettingsError, api_settings
from sulah.adapters.lms.manifest_file import read_manifest
from sulah.adapters.lms.received import Received, lay_out
from sulah.adapters.lms.source import Mode
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import EntityType
from sulah.records.api_client import ApiBatch, ApiClient
from sulah.records.audit import AuditEntry

DAY = date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["repayment", "loan"]), st.sampled_from(list("ca")), st.sets(st.integers(0, 6), min_size=1))))
def test_each_key_stands_once_in_a_file_in_the_order_received_and_each_record_in_one_place(
    sent: list[tuple[str, str, set[int]]],
) -> None:
    """Any batches of two tables and both modes over seven keys."""
    batches = [
        Received(
            f"b{n}",
            table,
            Mode.CHANGES if mode == "c" else Mode.APPEND,
            [(i, f"K{i}", {f"{table}_id": f"K{i}", "mode": f"{n}"}) for i in sorted(keys)],
        )
        for n, (table, mode, keys) in enumerate(sent)
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        places = lay_out(folder, DAY, "x", batches)
        manifest = read_manifest(folder, DAY)
        rows = {said.file: pq.read_table(folder / said.file).to_pylist() for said in (manifest.files if manifest else ())}
    assert sum(map(len, rows.values())) == sum(len(batch.records) for batch in batches)
    assert all(
        max(Counter(row[name] for row in of_file).values()) == 1 for f, of_file in rows.items() for name in [f"{f.split('.')[2]}_id"]
    )
    order: dict[tuple[str, str], list[int]] = {}
    for file, of_file in rows.items():
        for row in of_file:
            table = file.split(".")[2]
            wave = int(file.split(".")[4])
            order.setdefault((table, row[f"{table}_id"]), []).append(wave)
    assert all(waves == list(range(1, len(waves) + 1)) for waves in order.values())
    for batch in batches:
        lies = {index: (file, first + at) for file, first, indices in places[batch.batch].runs for at, index in enumerate(indices)}
        assert sorted(lies) == [index for index, _, _ in batch.records]
        assert all(rows[file][row - 1][f"{batch.table}_id"] == f"K{index}" for index, (file, row) in lies.items())
        later = {i for one in batches[batches.index(batch) + 1 :] if one.table == batch.table for i, _, _ in one.records}
        assert set(map(int, places[batch.batch].overtaken)) == later & set(lies)


def kept(days_ago: int, *, name: str, accepted: int = 0) -> ApiBatch:
    """A batch received so many days before the day, at the first moment of that date in India."""
    client, _ = ApiClient.objects.get_or_create(name="lms", defaults={"expires_at": NOON, "made_at": NOON})
    at = datetime(DAY.year, DAY.month, DAY.day, tzinfo=IST) - timedelta(days=days_ago)
    given_ = {"body_sha256": "", "table": "repayment", "mode": "changes", "as_of": DAY, "received": 1, "rejected": 1 - accepted}
    return ApiBatch.objects.create(
        name=name, client=client, key=name, received_at=at, accepted=accepted, duplicate=0, status=200, sealed="x" * accepted, **given_
    )


@pytest.mark.django_db
def test_a_key_is_forgotten_after_its_days_and_never_while_its_records_wait(tmp_path: Path) -> None:
    """399, 400 and 401 days: before, at and after the limit."""
    lender = Lender(tmp_path, "Test", EntityType.NBFC_MFI)
    for days in (399, 400, 401):
        kept(days, name=f"d{days}")
    kept(500, name="waits", accepted=1)
    assert forget_batches(lender, DAY, actor="asha", clock=fixed_clock(NOON)) == 1
    assert sorted(ApiBatch.objects.values_list("name", flat=True)) == ["d399", "d400", "waits"]
    assert AuditEntry.objects.get(act="forget_batches").after["first"] == "d401"
    assert forget_batches(lender, DAY, actor="asha", clock=fixed_clock(NOON)) == 0


@pytest.mark.django_db
def test_a_batch_that_is_turned_down_waits_no_more_and_cannot_be_turned_down_twice() -> None:
    kept(0, name="bad", accepted=1)
    kept(0, name="good", accepted=1)
    turn_down("bad", DAY, actor="asha", clock=fixed_clock(NOON))
    assert [batch.name for batch in waiting(DAY)] == ["good"]
    assert AuditEntry.objects.get(act="turn_down_batch").subject == "bad"
    with pytest.raises(LoadError, match="No batch 'bad' waits"):
        turn_down("bad", DAY, actor="asha", clock=fixed_clock(NOON))


@pytest.mark.django_db
def test_a_batch_of_a_later_date_does_not_wait_for_an_earlier_one() -> None:
    kept(0, name="today", accepted=1)
    assert [len(waiting(DAY + timedelta(days))) for days in (-1, 0, 1)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("setting", "words"),
    [({"keep_days": 399}, "may not be below 400"), ({"sandbox": True}, "simulated lender only"), ({"most": 1}, "is no setting")]
    + [({"most_records": value}, "write something like") for value in (0, -1, "5", True, 1.5)],
)
def test_a_setting_that_cannot_be_is_refused_in_words(setting: dict[str, object], words: str) -> None:
    with pytest.raises(ApiSettingsError, match=words):
        api_settings({"api": setting}, simulated=False)


def test_the_least_settings_are_taken() -> None:
    assert api_settings({"api": {"keep_days": 400, "most_records": 1}}, simulated=False).most_records == 1
    assert api_settings({"api": {"sandbox": True}}, simulated=True).sandbox
