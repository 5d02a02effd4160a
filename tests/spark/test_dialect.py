"""Each rule of the dialect on both engines, on the rows where they were seen to differ; and what the dialect refuses."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sulah.adapters.engines.port import Engine
from sulah.adapters.engines.port_duck import DuckEngine
from sulah.adapters.engines.spark import SparkEngine, connect_spark
from sulah.adapters.engines.spark_dialect import NotPortableError, parts
from sulah.contracts.shape import Column, Kind, Scope, Table
from sulah.daycycle.spark_day import Cluster
from sulah.daycycle.statements import texts
from sulah.daycycle.steps import STEPS, Step
from tests.spark.compare import differences
from tests.spark.conftest import needs_spark

DAYS = (date(1, 1, 1), date(1582, 10, 10), date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(9999, 12, 31))
WORDS = (
    "",
    " a ",
    "\u00a0NPA\u2003",
    "SMA-0 (x)",
    "Straße",
    "ΟΔΥΣΣΕΥΣ",
    "İstanbul",
    "ﬁn",
    "नमस्ते",
    "Ωmega",
    "a|b|",
    "x\n",
    "loan|1|2024-01-01\n",
)
NUMBERS = (-7, -1, 0, 1, 7, 10**12, None)

RULES = {
    "days": "SELECT a.n, CAST(date_diff('day', a.d, b.d) AS BIGINT) AS x FROM days AS a CROSS JOIN days AS b",
    "months": "SELECT a.n, CAST(date_diff('month', a.d, b.d) AS BIGINT) AS x FROM days AS a CROSS JOIN days AS b",
    "years": "SELECT a.n, CAST(date_diff('year', a.d, b.d) AS BIGINT) AS x FROM days AS a CROSS JOIN days AS b",
    "plus_days": "SELECT a.n, CAST(a.d + to_days(CAST(a.n * 17 AS INTEGER)) AS DATE) AS x FROM days AS a WHERE a.n < 6",
    "less_days": "SELECT a.n, CAST(a.d - to_days(CAST(a.n * 17 AS INTEGER)) AS DATE) AS x FROM days AS a WHERE a.n > 0",
    "plus_months": "SELECT a.n, CAST(a.d + to_months(a.n) AS DATE) AS x FROM days AS a WHERE a.n < 6",
    "less_months": "SELECT a.n, CAST(a.d - to_months(a.n) AS DATE) AS x FROM days AS a WHERE a.n > 0",
    "interval": "SELECT a.n, CAST(a.d - INTERVAL 1 DAY AS DATE) AS x FROM days AS a WHERE a.n > 0",
    "whole_division": "SELECT a.n, a.v // 3 AS x, a.v % 3 AS y FROM numbers AS a",
    "wide": "SELECT a.n, CAST(CAST(a.v AS HUGEINT) * 9000000000000000 // 7000000000000000 AS BIGINT) AS x FROM numbers AS a",
    "trim": "SELECT a.n, trim(a.t) AS x FROM words AS a",
    "lower": "SELECT a.n, lower(a.t) AS x FROM words AS a",
    "upper": "SELECT a.n, upper(a.t) AS x FROM words AS a",
    "ends": "SELECT a.n, left(a.t, 3) AS x, right(a.t, 2) AS y, length(a.t) AS z FROM words AS a",
    "all_matches": "SELECT a.n, regexp_replace(lower(trim(a.t)), '[^a-z0-9]+', '_', 'g') AS x FROM words AS a",
    "last_match": "SELECT a.n, regexp_replace(a.t, '[|][^|]*[|][^|]*$', '') AS x FROM words AS a",
    "sums_of_hashes": (
        "SELECT CAST(a.n AS BIGINT) AS n, (SELECT sum(hash(b.n, b.v)) FROM numbers AS b WHERE b.n = 6) = sum(hash(a.v, a.n)) AS x, "
        "sum(hash(a.n, a.v)) = sum(hash(a.n, a.v)) AS y FROM numbers AS a GROUP BY a.n"
    ),
    "hash": "SELECT a.n, sha256(a.t) AS x, CAST(('0x' || substr(sha256(a.t), 1, 3)) AS INTEGER) AS y FROM words AS a",
    "empties_last": "SELECT a.n, CAST(row_number() OVER (ORDER BY a.v) AS BIGINT) AS x FROM numbers AS a",
    "empties_last_down": "SELECT a.n, CAST(row_number() OVER (ORDER BY a.v DESC) AS BIGINT) AS x FROM numbers AS a",
    "joined": "SELECT 1 AS n, string_agg(concat_ws('|', a.n, a.v), ';' ORDER BY a.v, a.n) AS x FROM numbers AS a",
    "lateral": "SELECT a.n, e.v AS x FROM numbers AS a CROSS JOIN LATERAL (VALUES (a.v), (a.n)) AS e (v)",
    "least": "SELECT a.n, greatest(a.v, 3) AS x, least(a.v, 3) AS y FROM numbers AS a",
    "any": "SELECT a.n % 2 AS n, bool_or(a.v > 3) AS x, min(a.v) AS y, CAST(sum(a.v) AS BIGINT) AS z FROM numbers AS a GROUP BY a.n % 2",
    "inside": "SELECT a.n, a.v IN (SELECT b.n FROM days AS b) OR a.n = 0 AS x FROM numbers AS a",
    "inside_empty": "SELECT a.n, a.v IN (SELECT b.n FROM days AS b WHERE b.n > 99) AS x FROM numbers AS a",
    "inside_with_empties": "SELECT a.n, a.v IN (SELECT b.v FROM numbers AS b WHERE coalesce(b.v, 1) = 1) AS x FROM numbers AS a",
    "not_inside": "SELECT a.n, CAST(a.v AS BIGINT) AS x FROM numbers AS a WHERE a.v NOT IN (SELECT b.n FROM days AS b) AND a.n > 0",
    "not_inside_or": "SELECT a.n, a.v AS x FROM numbers AS a WHERE a.n = 0 OR a.v NOT IN (SELECT b.v FROM numbers AS b WHERE b.n > 5)",
    "exists": "SELECT a.n, EXISTS (SELECT 1 FROM days AS b WHERE b.n = a.v) AS x FROM numbers AS a",
    "order_of_texts": "SELECT a.n, CAST(row_number() OVER (ORDER BY a.t) AS BIGINT) AS x FROM words AS a",
}


def plain(name: str, **columns: Kind) -> Table:
    """A contract for a test."""
    return Table(name, Scope.PERSON, name, tuple(Column(column, kind, "") for column, kind in columns.items()), key=tuple(columns))


def filled(engine: Engine) -> Engine:
    """The three small tables that the rules are tried on."""
    for name, values, kind in (("days", DAYS, pa.date32()), ("words", WORDS, pa.string()), ("numbers", NUMBERS, pa.int64())):
        column = {"days": "d", "words": "t", "numbers": "v"}[name]
        engine.hold(name, pa.table({"n": pa.array(range(len(values)), pa.int64()), column: pa.array(values, kind)}))
    return engine


@pytest.fixture(scope="module")
def engines(alone: Cluster) -> Iterator[tuple[Engine, Engine]]:
    """Both engines with the small tables."""
    both = (filled(DuckEngine()), filled(SparkEngine(connect_spark(alone.master, alone.settings))))
    yield both
    for engine in both:
        engine.close()


class TestOnBothEngines:
    """The rules that need a cluster."""

    pytestmark = needs_spark

    @pytest.mark.parametrize("rule", RULES)
    def test_a_rule_means_the_same_on_both(self, engines: tuple[Engine, Engine], tmp_path: Path, rule: str) -> None:
        """The same rows from the statement as written and as translated."""
        shape = typed(rule)
        found = []
        for engine in engines:
            file = tmp_path / f"{type(engine).__name__}.parquet"
            engine.make(shape, RULES[rule], str(file))
            rows = pq.read_table(file)
            found.append(rows.sort_by([(name, "ascending") for name in rows.column_names]).to_pylist())
        assert found[0] == found[1]
        assert found[0] or rule.startswith("not_")

    @pytest.mark.parametrize("too_large", ["a.v * 10000000", "CAST(a.v AS INTEGER)"])
    def test_an_overflow_stops_both(self, engines: tuple[Engine, Engine], tmp_path: Path, too_large: str) -> None:
        """Neither wraps round nor gives an empty figure."""
        for engine in engines:
            with pytest.raises(Exception, match=r"(?i)out of range|overflow"):
                engine.make(plain("overflow", n=Kind.PAISE), f"SELECT {too_large} AS n FROM numbers AS a", str(tmp_path / "made.parquet"))

    def test_a_planted_difference_is_caught(self, engines: tuple[Engine, Engine], tmp_path: Path) -> None:
        """The same statement with one sign turned on one engine: the comparison names table, column and key."""
        shape = Table("planted", Scope.PERSON, "", (Column("n", Kind.PAISE, ""), Column("x", Kind.TRUTH, "")), key=("n",))
        for engine, sign in zip(engines, (">", ">="), strict=True):
            folder = tmp_path / type(engine).__name__ / "planted"
            folder.mkdir(parents=True)
            engine.make(shape, f"SELECT a.n, a.v {sign} 7 AS x FROM numbers AS a ORDER BY a.n", str(folder / "0000.parquet"))
        found = differences({"planted": shape}, tmp_path / "DuckEngine", tmp_path / "SparkEngine")
        assert found == ["planted.x of {'n': 4}: False and True"]


def typed(rule: str) -> Table:
    """The columns of a rule's answer: n first, then what it makes."""
    dates = {"plus_days", "less_days", "plus_months", "less_months", "interval"}
    texts_ = {"trim": "x", "lower": "x", "upper": "x", "ends": "xy", "all_matches": "x", "last_match": "x", "hash": "x", "joined": "x"}
    truths = {"sums_of_hashes": "xy", "any": "x", "inside": "x", "inside_empty": "x", "inside_with_empties": "x", "exists": "x"}
    names = [name for name in "xyz" if f" AS {name} " in RULES[rule] + " " or f" AS {name}," in RULES[rule]]
    kinds = dict.fromkeys(names, Kind.PAISE)
    kinds |= dict.fromkeys(texts_.get(rule, ""), Kind.TEXT) | dict.fromkeys(truths.get(rule, ""), Kind.TRUTH)
    if rule in dates:
        kinds = dict.fromkeys(names, Kind.DATE)
    return plain(f"rule_{rule}", n=Kind.PAISE, **kinds)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.table)
def test_every_statement_of_the_day_can_be_translated(step: Step) -> None:
    """A construct that no rule knows is refused here, without Spark."""
    for text in texts(step):
        assert parts(text.replace("$as_of", "DATE '2026-03-31'"))[-1].name == ""


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT a.x / 2 AS x FROM t AS a", "//"),
        ("SELECT * FROM t AS a", "Name every column"),
        ("SELECT date_diff('week', a.x, a.y) AS n FROM t AS a", "week"),
        ("SELECT to_days(a.n) AS n FROM t AS a", "after a plus or a minus"),
        ("SELECT a.d + INTERVAL 1 HOUR AS d FROM t AS a", "whole days"),
        ("SELECT regexp_replace(a.t, 'x', '') AS t FROM t AS a", "first match only"),
        ("SELECT regexp_replace(a.t, '(x)$', '\\1') AS t FROM t AS a", "plain replacement"),
        ("SELECT trim(a.t, 'x') AS t FROM t AS a", "trim"),
        ("SELECT arg_max(a.t, a.n) AS t FROM t AS a", "never tried"),
        ("SELECT dayofweek(a.d) AS n FROM t AS a", "never tried"),
        ("SELECT hash(a.d) AS n FROM t AS a", "hashes of its own"),
        ("SELECT a.x FROM t AS a WHERE a.d = $as_of", "parameters"),
        ("WITH RECURSIVE a AS (SELECT 1 AS x) SELECT a.x FROM a", "RECURSIVE"),
        ("WITH a (x) AS (SELECT 1) SELECT a.x FROM a", "select list"),
        ("SELECT b.x FROM (WITH a AS (SELECT 1 AS x) SELECT a.x FROM a) AS b", "WITH inside"),
    ],
)
def test_what_is_not_known_to_mean_the_same_is_refused(statement: str, words: str) -> None:
    """In words that say what to write instead."""
    with pytest.raises(NotPortableError, match=words):
        parts(statement)


def test_a_part_that_is_read_twice_is_kept() -> None:
    """Once computed, not once a reader."""
    found = parts("WITH a AS (SELECT b.x FROM t AS b), c AS (SELECT a.x FROM a) SELECT a.x FROM a INNER JOIN c ON c.x = a.x")
    assert [(part.name, part.kept) for part in found] == [("part__a", True), ("part__c", False), ("", False)]
    assert "`part__a` AS `a`" in found[1].sql


def test_a_table_of_the_day_before_has_a_plain_name() -> None:
    """A temporary view of Spark has no schema."""
    assert parts("SELECT m.npa_on FROM previous.asset_memory AS m")[-1].sql == "SELECT `m`.`npa_on` FROM `previous__asset_memory` AS `m`"
