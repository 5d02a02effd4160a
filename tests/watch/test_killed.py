"""SIGKILL of the real `sulah watch` at every point of its own: the next look ends with the same load, the same files, nothing lost."""

import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import paramiko
import pytest

from sulah.kernel.points import POINTS
from tests.campaigns.points import registered
from tests.campaigns.process import Machine, tree_of
from tests.campaigns.stages import new_lender
from tests.village.cast import village_folder
from tests.watch.server import PASSWORD, USER, Server

pytestmark = pytest.mark.slow
DAY = date(2025, 3, 31)
LOOK = ("watch", "--once")
FOLDER = 'run_day = true\n[[watch.source]]\ncomplete = "manifest"\n'
FILES = 'run_day = true\n[[watch.source]]\npattern = "*_%Y%m%d.*"\nquiet_seconds = 1\n'
OWN = ("watch", "fetch", "supplement")
FOLDER_POINTS = ("watch.look", "watch.whole", "watch.loaded", "watch.filing_noted", "watch.moved", "watch.filed", "watch.before_day")
FILE_POINTS = ("watch.moved:2", "watch.moved:6")
FETCH_POINTS = ("fetch.some_written:3", "fetch.whole:2", "fetch.before_landing", "fetch.landed")
BETWEEN_POINTS = ("supplement.written", "supplement.after_commit")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A place to run `sulah`."""
    made = Machine(tmp_path_factory.mktemp("machine"))
    made.environment["SULAH_TEST_SFTP"] = PASSWORD
    yield made
    made.close()


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village's extract with its manifest."""
    return village_folder(tmp_path_factory.mktemp("extract") / DAY.isoformat(), DAY, DAY)


@pytest.fixture(scope="module")
def empty(machine: Machine, extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lender that has nothing yet but everybody's keys: a load takes the key store as an input, so bytes can be compared only so."""
    lender = new_lender(machine, tmp_path_factory.mktemp("empty") / "lender")
    keyed = lender_with(lender, tmp_path_factory.mktemp("keyed"), FOLDER)
    dropped(extract, keyed, as_files=False)
    outcome = machine.run(keyed, LOOK)
    assert outcome.code == 0, outcome.words
    shutil.rmtree(lender / "keys")
    shutil.copytree(keyed / "keys", lender / "keys")
    return lender


def lender_with(empty: Path, folder: Path, watch: str) -> Path:
    """A copy of it with settings of the watcher."""
    lender = Path(shutil.copytree(empty, folder / "lender"))
    settings = lender / "lender.toml"
    text = settings.read_text("utf-8")
    assert "\n[watch]\n" in text
    settings.write_text(text.replace("\n[watch]\n", f"\n[watch]\n{watch}"), "utf-8")
    return lender


def dropped(extract: Path, lender: Path, *, as_files: bool) -> None:
    """The extract in the inbox: a folder, or dated files."""
    if not as_files:
        shutil.copytree(extract, lender / "inbox" / DAY.isoformat())
        return
    for path in extract.glob("*.csv"):
        shutil.copy(path, lender / "inbox" / f"{path.stem}_{DAY:%Y%m%d}.csv")


def ended_whole(lender: Path, extract: Path, place: Path) -> dict[str, str]:
    """The load is there once, its files lie whole in their place and nowhere else; the book's files."""
    loads = [path.name for path in (lender / "book" / "loads").iterdir() if path.is_dir()]
    assert loads == [f"{DAY}.1"]
    filed = {path.name.replace(f"_{DAY:%Y%m%d}", ""): path.read_bytes() for path in place.iterdir()}
    assert filed == {path.name: path.read_bytes() for path in extract.iterdir() if path.name in filed}
    assert {path.name for path in extract.glob("*.csv")} <= set(filed)
    assert {path.name for path in place.parent.iterdir()} == {f"{DAY}.1"}
    left = [child for child in place.parent.parent.iterdir() if child.name not in ("done", ".taking", ".fetching")]
    assert [child for child in left if child.is_file() or child.name.startswith("2025")] == []
    assert not (lender / "watch" / "filing.json").exists()
    return dict(tree_of(lender))


@pytest.fixture(scope="module")
def unharmed(machine: Machine, empty: Path, extract: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The book after a look that nothing struck."""
    lender = lender_with(empty, tmp_path_factory.mktemp("unharmed"), FOLDER)
    dropped(extract, lender, as_files=False)
    outcome = machine.run(lender, LOOK)
    assert outcome.code == 0, outcome.words
    return ended_whole(lender, extract, lender / "inbox" / "done" / f"{DAY}.1")


def test_every_point_of_the_watcher_is_struck_here() -> None:
    registered()
    here = {point.partition(":")[0] for point in (*FOLDER_POINTS, *FILE_POINTS, *FETCH_POINTS, *BETWEEN_POINTS)}
    assert here == {point for point in POINTS if point.partition(".")[0] in OWN}


@pytest.mark.parametrize("point", FOLDER_POINTS)
def test_killed_anywhere_the_next_look_ends_it(
    machine: Machine, empty: Path, extract: Path, unharmed: dict[str, str], tmp_path: Path, point: str
) -> None:
    lender = lender_with(empty, tmp_path, FOLDER)
    dropped(extract, lender, as_files=False)
    struck = machine.run(lender, LOOK, SULAH_STRIKE=point)
    assert struck.killed, struck.words
    again = machine.run(lender, LOOK)
    assert again.code == 0, again.words
    assert ended_whole(lender, extract, lender / "inbox" / "done" / f"{DAY}.1") == unharmed


@pytest.mark.parametrize("point", FILE_POINTS)
def test_killed_between_two_files_the_rest_is_never_taken_for_an_extract(
    machine: Machine, empty: Path, extract: Path, tmp_path: Path, point: str
) -> None:
    lender = lender_with(empty, tmp_path, FILES)
    dropped(extract, lender, as_files=True)
    assert machine.run(lender, LOOK).code == 0
    time.sleep(1.1)
    struck = machine.run(lender, LOOK, SULAH_STRIKE=point)
    assert struck.killed, struck.words
    assert any((lender / "inbox").glob("*.csv"))
    time.sleep(1.1)
    again = machine.run(lender, LOOK)
    assert again.code == 0, again.words
    ended_whole(lender, extract, lender / "inbox" / "done" / f"{DAY}.1")


@pytest.mark.parametrize("point", FETCH_POINTS)
def test_killed_while_fetching_the_next_look_goes_on(machine: Machine, empty: Path, extract: Path, tmp_path: Path, point: str) -> None:
    shutil.copytree(extract, tmp_path / "server" / "out" / DAY.isoformat())
    with Server(tmp_path / "server", paramiko.ECDSAKey.generate()) as server:
        aim = f'host = "127.0.0.1"\nport = {server.port}\nuser = "{USER}"\nhost_key = "{server.pin}"\nfolder = "/out"\n'
        settings = f'[[watch.source]]\nname = "bank"\nquiet_seconds = 1\n[watch.source.sftp]\n{aim}password_from = "SULAH_TEST_SFTP"\n'
        lender = lender_with(empty, tmp_path, settings)
        assert machine.run(lender, LOOK).code == 0
        time.sleep(1.1)
        struck = machine.run(lender, LOOK, SULAH_STRIKE=point)
        assert struck.killed, struck.words
        again = machine.run(lender, LOOK)
        assert again.code == 0, again.words
        ended_whole(lender, extract, lender / "inbox" / "bank" / "done" / f"{DAY}.1")


@pytest.mark.parametrize("point", BETWEEN_POINTS)
def test_a_supplement_killed_before_or_after_its_record_is_there_once(
    machine: Machine, empty: Path, extract: Path, tmp_path: Path, point: str
) -> None:
    lender = lender_with(empty, tmp_path, "")
    assert machine.run(lender, ("load", str(extract), "--as-of", str(DAY))).code == 0
    loan = next(line.split(",")[0] for line in (extract / "loan.csv").read_text().splitlines()[1:])
    bounces = tmp_path / "bounces"
    bounces.mkdir()
    (bounces / "bounce.csv").write_text(f"bounce_id,loan_id,presented_on,amount,reason_code\nX1,{loan},{DAY},100,04\n")
    words = ("load", str(bounces), "--as-of", str(DAY))
    struck = machine.run(lender, words, SULAH_STRIKE=point)
    assert struck.killed, struck.words
    again = machine.run(lender, words)
    assert again.code == 0, again.words
    assert ("nothing to do" in again.words) == (point == "supplement.after_commit")
    assert [child.name for child in (lender / "book" / "supplements").iterdir()] == [f"{DAY}.1-s1"]
