"""Where driver and executors meet: files put once, brought home whole; a lender's file that names the cluster; a cluster that stops."""

import hashlib
from pathlib import Path

import pytest

from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.spark_store import StoreError, fetch, put_missing, settle
from sulah.daycycle.spark_day import NoClusterError, cluster_of
from sulah.kernel.terms import EntityType
from tools import spark


def lender(root: Path, **settings: object) -> Lender:
    """A lender with that file."""
    return Lender(root, "Kaveri", EntityType.NBFC_MFI, settings=dict(settings))


def test_a_file_is_put_once_and_again_when_it_broke_off(tmp_path: Path) -> None:
    """A file of the same length is taken as there; a shorter one is put anew."""
    path, uri = tmp_path / "book" / "a.parquet", f"file://{tmp_path}/store/loads/a.parquet"
    path.parent.mkdir()
    path.write_bytes(b"rows of a book")
    assert put_missing([(path, uri)]) == 1
    assert put_missing([(path, uri)]) == 0
    (tmp_path / "store/loads/a.parquet").write_bytes(b"rows")
    assert put_missing([(path, uri)]) == 1
    assert (tmp_path / "store/loads/a.parquet").read_bytes() == b"rows of a book"


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


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, "master"), ({"master": "yarn", "tasks": 0}, "whole number"), ({"master": "yarn", "settings": {"a": 1}}, "in quotes")],
)
def test_a_file_that_names_no_cluster_is_refused_in_words(tmp_path: Path, given: dict[str, object], words: str) -> None:
    """What to write instead."""
    with pytest.raises(NoClusterError, match=words):
        cluster_of(lender(tmp_path, spark=given))


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
