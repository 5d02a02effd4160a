"""Where driver and executors meet: files put once, brought home whole; a lender's file that names the cluster; a cluster that stops."""

import hashlib
import importlib.metadata
import importlib.util
from pathlib import Path

import pytest

from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.spark import NoSparkError, connect_spark, spark_version
from sulah.adapters.engines.spark_store import StoreError, fetch, forget, put_missing, settle
from sulah.daycycle.spark_day import NoClusterError, cluster_of
from sulah.kernel.terms import EntityType
from tools import spark


def lender(root: Path, **settings: object) -> Lender:
    """A lender with that file."""
    return Lender(root, "Kaveri", EntityType.NBFC_MFI, settings=dict(settings))


def test_a_file_is_put_once_and_again_when_it_broke_off_or_rotted(tmp_path: Path) -> None:
    """The same bytes are taken as there; a shorter file, or one byte that is another, is put anew."""
    path, uri = tmp_path / "book" / "a.parquet", f"file://{tmp_path}/store/loads/a.parquet"
    path.parent.mkdir()
    path.write_bytes(b"rows of a book")
    assert put_missing([(path, uri)]) == 1
    assert put_missing([(path, uri)]) == 0
    (tmp_path / "store/loads/a.parquet").write_bytes(b"rows")
    assert put_missing([(path, uri)]) == 1
    assert (tmp_path / "store/loads/a.parquet").read_bytes() == b"rows of a book"
    (tmp_path / "store/loads/a.parquet").write_bytes(b"rows of a bOok")
    assert put_missing([(path, uri)]) == 1
    assert (tmp_path / "store/loads/a.parquet").read_bytes() == b"rows of a book"


def test_a_store_that_is_the_book_itself_is_not_copied_onto_itself(tmp_path: Path) -> None:
    """Where every machine mounts the lender's folder under the same path."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"rows")
    assert put_missing([(path, path.as_uri())]) == 0
    assert path.read_bytes() == b"rows"


def test_what_is_no_day_is_taken_away_again_but_never_the_lenders_own(tmp_path: Path) -> None:
    """A replay's folder in the store goes; the same call on the folder itself leaves it."""
    for name in ("store/replays/one/position", "book/days/one/position"):
        (tmp_path / name).mkdir(parents=True)
    forget(f"file://{tmp_path}/store/replays/one", tmp_path / "book/days/one")
    forget(f"file://{tmp_path}/store/replays/one", tmp_path / "book/days/one")
    forget(f"file://{tmp_path}/book/days/one", tmp_path / "book/days/one")
    assert not (tmp_path / "store/replays/one").exists()
    assert (tmp_path / "book/days/one/position").is_dir()


def test_a_file_is_brought_home_whole_with_its_hash(tmp_path: Path) -> None:
    """Byte by byte, hashed on the way."""
    (tmp_path / "a.parquet").write_bytes(b"rows" * 1_000_000)
    wanted = hashlib.sha256(b"rows" * 1_000_000).hexdigest()
    assert fetch(f"file://{tmp_path}/a.parquet", tmp_path / "home.parquet") == wanted
    assert (tmp_path / "home.parquet").read_bytes() == b"rows" * 1_000_000


def test_a_write_that_left_no_single_file_is_no_table(tmp_path: Path) -> None:
    """Two part files, or none, are told and not guessed at."""
    making = tmp_path / "0000.parquet.making"
    making.mkdir()
    with pytest.raises(StoreError, match="0 part files"):
        settle(str(making), str(tmp_path / "0000.parquet"))
    for name in ("part-0.parquet", "part-1.parquet"):
        (making / name).write_bytes(b"")
    with pytest.raises(StoreError, match="2 part files"):
        settle(str(making), str(tmp_path / "0000.parquet"))


def test_a_place_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """The words name the kinds that are known."""
    with pytest.raises(StoreError, match="s3a://"):
        fetch("carrier-pigeon://loft/a.parquet", tmp_path / "a.parquet")


def test_the_cluster_is_named_in_the_lenders_file(tmp_path: Path) -> None:
    """With a store of its own, or with the book itself as the store."""
    named = cluster_of(lender(tmp_path, spark={"master": "spark://a:7077", "store": "s3a://b/book", "tasks": 8, "settings": {"x": "y"}}))
    assert (named.master, named.store, named.tasks, named.settings) == ("spark://a:7077", "s3a://b/book", 8, {"x": "y"})
    assert cluster_of(lender(tmp_path, spark={"master": "yarn"})).store == f"file://{tmp_path}/book"
    assert cluster_of(lender(tmp_path), "spark://b:7077").master == "spark://b:7077"
    over = cluster_of(lender(tmp_path, spark={"master": "yarn", "settings": {"spark.executor.memory": "1g", "a": "b"}}), None, "4g")
    assert over.settings == {"spark.executor.memory": "4g", "a": "b"}


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, "master"), ({"master": "yarn", "tasks": 0}, "whole number"), ({"master": "yarn", "settings": {"a": 1}}, "in quotes")],
)
def test_a_file_that_names_no_cluster_is_refused_in_words(tmp_path: Path, given: dict[str, object], words: str) -> None:
    """What to write instead."""
    with pytest.raises(NoClusterError, match=words):
        cluster_of(lender(tmp_path, spark=given))


def test_without_pyspark_the_words_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything of Spark is imported."""

    def gone(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", gone)
    for asked in (spark_version, lambda: connect_spark("local[1]")):
        with pytest.raises(NoSparkError, match=r"pip install 'sulah\[spark\]'"):
            asked()


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed")
def test_a_master_that_does_not_answer_is_named() -> None:
    """At once and in words, not after a minute in Java."""
    address = f"spark://127.0.0.1:{spark.free_port()}"
    with pytest.raises(NoSparkError, match=address):
        connect_spark(address)


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed")
@pytest.mark.filterwarnings("ignore::FutureWarning:pyspark")
def test_without_java_the_words_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Java 17 or newer, on the path or in JAVA_HOME."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(NoSparkError, match="Java 17"):
        connect_spark("local[1]")


def test_without_java_the_suite_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Plain words instead of a stack of Java."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "not installed" in spark.missing()


def test_a_named_cluster_is_used_and_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's own exit code comes back, and it sees the address."""
    monkeypatch.setenv(spark.ADDRESS, "spark://named:7077")
    assert spark.main(["python3", "-c", f"import os, sys; sys.exit(7 * (os.environ['{spark.ADDRESS}'] == 'spark://named:7077'))"]) == 7
    assert spark.main([]) == 2
