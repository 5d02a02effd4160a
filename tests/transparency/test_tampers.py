"""A thousand tampers with logs, receipts and codes: the outside verifier catches each, and calls none of them unreadable."""

import json
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from sulah.transparency.note import Note
from sulah.transparency.short_code import to_code
from tests.transparency.made import outside, receipt_of, witnessed
from tests.transparency.tampers import IN_CODE, IN_FOLDER, IN_RECEIPT, Ground, make_ground, size_of

FOLDERS, RECEIPTS, CODES = 600, 280, 120
PARTS = 8
SINCE = ("--witnesses", 1, "--after", "2026-11-23T00:00:00Z")


def _receipts(log: Path, notes: list[Note]) -> tuple[list[bytes], list[str]]:
    made = [receipt_of(log, index, witnessed(notes[-1])) for index in (0, 1, 133, 255, 256, 296)]
    return [one.to_json() for one in made], [to_code(one) for one in made]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Honest logs and others, and what an auditor keeps of the honest one."""
    folder = tmp_path_factory.mktemp("ground")
    made = make_ground(folder, _receipts)
    (folder / "seen").write_text(str(made.notes[-2]), "utf-8")
    return made


def watched(ground: Ground, log: Path) -> tuple[int, str]:
    """What an auditor finds who kept the checkpoint of 257 entries."""
    return outside("log", log, "--seen", ground.log.parent / "seen")


def test_what_was_not_tampered_with_holds(ground: Ground, tmp_path: Path) -> None:
    assert watched(ground, ground.log)[0] == 0
    for receipt, code in zip(ground.receipts, ground.codes, strict=True):
        (tmp_path / "receipt").write_bytes(receipt)
        assert outside("receipt", tmp_path / "receipt", *SINCE)[0] == 0
        assert outside("code", code, *SINCE)[0] == 0
    assert size_of(ground.notes[-1]) == 300


@pytest.mark.parametrize("part", range(PARTS))
def test_every_tamper_with_a_log_is_caught(ground: Ground, tmp_path: Path, part: int) -> None:
    done: Counter[str] = Counter()
    for seed in range(part, FOLDERS, PARTS):
        tamper, log = IN_FOLDER[seed // PARTS % len(IN_FOLDER)], tmp_path / str(seed)
        shutil.copytree(ground.log, log)
        tamper(Random(seed), log, ground)
        code, said = watched(ground, log)
        assert (code, said.startswith("DOES NOT HOLD")) == (1, True), f"{tamper.__name__} {seed}: {said}"
        shutil.rmtree(log)
        done[tamper.__name__] += 1
    assert set(done) == {tamper.__name__ for tamper in IN_FOLDER}


def test_every_tamper_with_a_receipt_is_caught(ground: Ground, tmp_path: Path) -> None:
    for seed in range(RECEIPTS):
        draw, tamper = Random(seed), IN_RECEIPT[seed % len(IN_RECEIPT)]
        held = json.loads(ground.receipts[seed // len(IN_RECEIPT) % len(ground.receipts)])
        tamper(draw, held, ground)
        (tmp_path / "receipt").write_text(json.dumps(held), "utf-8")
        code, said = outside("receipt", tmp_path / "receipt", *SINCE)
        assert (code, said.startswith("DOES NOT HOLD")) == (1, True), f"{tamper.__name__} {seed}: {said}"
    assert len(IN_RECEIPT) <= RECEIPTS // 40


def test_every_tamper_with_a_code_is_caught(ground: Ground) -> None:
    for seed in range(CODES):
        tamper = IN_CODE[seed % len(IN_CODE)]
        changed = tamper(Random(seed), ground.codes[seed % len(ground.codes)])
        code, said = outside("code", changed, *SINCE)
        assert (code, said.startswith("DOES NOT HOLD")) == (1, True), f"{tamper.__name__} {seed}: {said}"
    assert FOLDERS + RECEIPTS + CODES == 1000
