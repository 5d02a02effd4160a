"""Days made on a cluster of real processes: every table as the embedded engine makes it, committed, read and rebuilt like any other."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from sulah.actions.decide_load import approve_load
from sulah.actions.load_book import current_load
from sulah.actions.load_extract import load_extract
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import make_key
from sulah.daycycle.audit import wrong_with
from sulah.daycycle.engine import Inputs, Tables, Tell, make_tables
from sulah.daycycle.run import DayOutcome, replay_day, run_day
from sulah.daycycle.spark_day import Cluster, code_on_spark, maker_of
from sulah.daycycle.steps import STEPS
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import LoadState
from tests.depth import WHOLE
from tests.intake.extract import write
from tests.real.command import new_lender, sulah
from tests.reference.random_book import RandomBook
from tests.spark.compare import differences
from tests.spark.conftest import LARGE, needs_spark
from tests.village.cast import village_rows

CLOCK = fixed_clock(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))
DAY_TABLES = {step.table: step.contract for step in STEPS}
FIRST = date(2026, 11, 18)
on_a_cluster = [*needs_spark, pytest.mark.skipif(not (WHOLE or LARGE), reason="it takes minutes: `make thorough` or `make parity`")]


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A lender's folder with keys, and shards of a hundred loans."""
    root = tmp_path / "lender"
    make_key(root / "keys" / "personal.key")
    (root / "policy").mkdir()
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n[book]\nloans_a_shard = 100\n')
    monkeypatch.setattr(settings, "LENDER", root)
    return open_lender(root)


def take(lender: Lender, as_of: date, *extracts: Mapping[str, list[dict[str, str]]]) -> None:
    """Load these extracts as one; what a threshold holds is approved."""
    names = sorted({name for extract in extracts for name in extract})
    tables = {name: [row for extract in extracts for row in extract.get(name, [])] for name in names}
    folder = write(lender.root / "inbox" / str(as_of), {name: rows for name, rows in tables.items() if rows})
    outcome = load_extract(lender, folder, as_of, actor="asha", clock=CLOCK, code_version="test")
    assert outcome.load is not None, outcome.report.reasons
    if outcome.load.state == LoadState.HELD:
        approve_load(outcome.load.pk, actor="usha", note="seen", clock=CLOCK)


class Both:
    """Makes a day on Spark, and beside it the same on DuckDB."""

    def __init__(self, lender: Lender, cluster: Cluster, scratch: Path) -> None:
        self.on_spark, self.scratch = maker_of(lender, cluster), scratch
        self.inputs: list[Inputs] = []

    def __call__(self, inputs: Inputs, folder: Path, tell: Tell | None) -> Tables:
        """Both folders are compared before the day is committed."""
        self.inputs.append(inputs)
        ours = self.scratch / folder.name
        made, other = make_tables(inputs, ours), self.on_spark(inputs, folder, tell)
        assert differences(DAY_TABLES, ours, folder) == [], inputs.as_of
        assert {table: part.rows for table, part in made.items()} == {table: part.rows for table, part in other.items()}
        return other


def day(lender: Lender, as_of: date, make: Both) -> DayOutcome:
    """A day on the current load, made on both engines."""
    load = current_load(as_of)
    assert load is not None
    return run_day(lender, as_of, actor="asha", clock=CLOCK, code=code_on_spark("test"), load=load, make=make)


class TestOnACluster:
    """Real files, the real runner, a master and two executors."""

    pytestmark = on_a_cluster

    @pytest.mark.django_db
    def test_days_on_spark_are_days_like_any_other(self, lender: Lender, cluster: Cluster, tmp_path: Path) -> None:
        """The village and a dirty random book: a first day, the next by its increments, a new load; then rebuilt to the same bytes."""
        book = RandomBook(67, 150, FIRST, 2, gap_days=1)
        both = Both(lender, cluster, tmp_path / "duck")
        (first, extract), (last, following) = book.extracts
        take(lender, first, extract, village_rows(first, last))
        outcomes = [day(lender, first, both), day(lender, first + timedelta(1), both)]
        take(lender, last, following, village_rows(last, last))
        outcomes.append(day(lender, last, both))
        assert [(inputs.carried, inputs.load_touched) for inputs in both.inputs] == [(False, True), (True, False), (True, True)]
        assert both.inputs[1].after_yesterday
        assert all(outcome.published is not None for outcome in outcomes)
        assert outcomes[0].run.counts["worklist"] > 0
        run = outcomes[-1].run
        shards = [entry["file"] for entry in run.tables["position"]]
        assert shards == ["position/0000.parquet", "position/0001.parquet"]
        wrong = wrong_with(lender)  # its records lie in the suite's own database
        assert (wrong["files"], wrong["sums"]) == ([], [])
        assert {name for name in DAY_TABLES if not rows(lender.book / run.path / name)} <= {
            "ledger_match",
            "roll_alert",
            "difference",
            "payment_match",
        }
        again = replay_day(lender, last, code=run.code_version, folder=tmp_path / "again", make=maker_of(lender, cluster))
        assert (again.different, again.published_same, again.notes) == ((), True, ())


def rows(folder: Path) -> int:
    """The rows of a table."""
    return sum(pq.read_metadata(file).num_rows for file in folder.glob("*.parquet"))


def test_an_option_of_spark_without_spark_is_refused(tmp_path: Path) -> None:
    """A day that was meant for the cluster does not quietly run here."""
    said = sulah("day", "--as-of", "2026-03-31", "--master", "spark://a:7077", "--json", "--lender", new_lender(tmp_path / "lender"))
    assert said.code == 1
    assert "--engine spark" in said.fields["words"]


def test_without_a_master_the_words_say_where_to_name_it(tmp_path: Path) -> None:
    """Or what to install, where Spark is not there either."""
    said = sulah("day", "--as-of", "2026-03-31", "--engine", "spark", "--json", "--lender", new_lender(tmp_path / "lender"))
    assert said.code == 1
    assert "lender.toml" in said.fields["words"] or "pip install 'sulah[spark]'" in said.fields["words"]
