"""A witness: what it signs, what it refuses with which status, what it remembers when it is killed, and what it makes of a split view."""

import os
import signal
from hashlib import sha256
from pathlib import Path

import pytest

from sulah.adapters.log.store import TileStore
from sulah.adapters.log.witness import Witness
from sulah.kernel.points import register
from sulah.transparency.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from sulah.transparency.note import Note, Signature, parse_note
from sulah.transparency.proofs import consistency_proof
from sulah.transparency.tiles import TileHashes
from sulah.transparency.witness import Answer, Request
from tests.transparency.made import KEYS, LATE, LOG_KEY, ORIGIN, WITNESS_KEY, grown, key_of, outside, receipt_of

SIZES = (3, 200, 300)


def request(log: Path, old: int, note: Note) -> str:
    """What the log sends."""
    new = parse_checkpoint(note.text).size
    steps = consistency_proof(old, new, TileHashes(TileStore(log), new)) if old <= new else []
    return Request(old, tuple(steps), note).body


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness that knows the log."""
    return Witness(tmp_path / "witness", WITNESS_KEY, [LOG_KEY.verifier])


def test_a_witness_follows_a_log_that_only_grows(witness: Witness, tmp_path: Path) -> None:
    notes = grown(tmp_path / "log", SIZES)
    old = 0
    for note in [notes[0], *notes[1:], notes[-1]]:
        answer = witness.answer(request(tmp_path / "log", old, note).encode(), LATE)
        assert answer.status == 200, answer.body
        signed = note.with_signatures([Signature.parse(answer.body.rstrip("\n"))])
        assert [one.time for one in signed.signed_by(KEYS)] == [None, LATE]
        old = parse_checkpoint(note.text).size
    kept = tmp_path / "witness" / sha256(ORIGIN.encode()).hexdigest() / "checkpoint"
    assert parse_note(kept.read_bytes()).text == notes[-1].text
    assert outside("checkpoint", kept, "--witnesses", 1)[0] == 0


def test_a_witness_does_not_sign_a_second_history(witness: Witness, tmp_path: Path) -> None:
    honest, forked = grown(tmp_path / "log", SIZES), grown(tmp_path / "forked", SIZES, "fork", shared=150)
    assert witness.answer(request(tmp_path / "log", 0, honest[1]), LATE).status == 200
    assert witness.answer(request(tmp_path / "forked", 200, forked[2]), LATE).status == 422
    assert witness.answer(request(tmp_path / "forked", 200, forked[1]), LATE).status == 422
    assert witness.answer(request(tmp_path / "log", 3, honest[2]), LATE) == Answer(409, "200\n")
    assert witness.answer(request(tmp_path / "log", 0, honest[0]), LATE) == Answer(409, "200\n")
    assert witness.answer(request(tmp_path / "log", 200, honest[0]), LATE).status == 400
    assert witness.answer(request(tmp_path / "log", 200, honest[2]), LATE).status == 200


def test_each_fault_of_a_request_has_its_status(witness: Witness, tmp_path: Path) -> None:
    note = grown(tmp_path / "log", [3])[0]
    stranger = sign_checkpoint(Checkpoint("other.example", 3, bytes(32)), [key_of("other.example")])
    false = Note(note.text, (Signature(ORIGIN, LOG_KEY.verifier.key_id, bytes(64)),))
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), [LOG_KEY])
    unsigned = sign_checkpoint(parse_checkpoint(note.text), [key_of("other.example")])
    assert witness.answer(f"old 0\n\n{stranger}", LATE).status == 404
    assert witness.answer(f"old 0\n\n{false}", LATE).status == 403
    assert witness.answer(f"old 0\n\n{unsigned}", LATE).status == 403
    assert witness.answer(f"old 0\n\n{empty}", LATE).status == 422
    assert witness.answer(f"old 0\n{'A' * 43}=\n\n{note}", LATE).status == 422
    for body in ("", f"old 00\n\n{note}", f"old 0\nAAAA\n\n{note}", f"old 0\n{(('A' * 43) + '=' + chr(10)) * 64}\n{note}", b"\xff\n\n"):
        assert witness.answer(body, LATE).status == 400
    assert not list((tmp_path / "witness").glob("*/checkpoint")), "nothing was signed, so nothing is remembered"


def test_a_witness_killed_after_it_remembered_never_signs_another_history(witness: Witness, tmp_path: Path) -> None:
    honest, forked = grown(tmp_path / "log", SIZES), grown(tmp_path / "forked", SIZES, "fork", shared=2)
    pid = os.fork()
    if pid == 0:
        os.environ.update(SULAH_STRIKE="tlog.witness_kept:1")
        register("tlog.witness_kept")
        witness.answer(request(tmp_path / "log", 0, honest[1]), LATE)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    assert witness.answer(request(tmp_path / "forked", 0, forked[1]), LATE) == Answer(409, "200\n")
    assert witness.answer(request(tmp_path / "log", 200, honest[1]), LATE).status == 200


def test_two_checkpoints_of_a_split_view_are_caught_by_whoever_compares_them(tmp_path: Path) -> None:
    honest, forked = grown(tmp_path / "log", SIZES), grown(tmp_path / "forked", SIZES, "fork", shared=150)
    for name, notes in (("honest", honest), ("forked", forked)):
        for note in notes:
            (tmp_path / f"{name}{parse_checkpoint(note.text).size}").write_text(str(note), "utf-8")
    alone = [outside("log", tmp_path / folder)[0] for folder in ("log", "forked")]
    assert alone == [0, 0], "each view by itself holds: a log proves nothing to those who do not compare"
    for words in (
        ("checkpoint", tmp_path / "forked300", "--seen", tmp_path / "honest300"),
        ("log", tmp_path / "forked", "--seen", tmp_path / "honest200"),
        ("log", tmp_path / "log", "--seen", tmp_path / "forked300"),
    ):
        code, said = outside(*words)
        assert (code, "SPLIT VIEW" in said) == (1, True)
    assert outside("log", tmp_path / "forked", "--seen", tmp_path / "honest3")[0] == 0, "what both views share is no proof of a split"


@pytest.mark.parametrize(("old", "new"), [(3, 300), (200, 300), (300, 200)])
def test_a_receipt_is_held_against_what_was_seen_earlier_or_later_and_never_passed_over(tmp_path: Path, old: int, new: int) -> None:
    """old: the entries when the receipt was made; new: when the other checkpoint was seen.  Without a proof nothing is claimed."""
    grown(tmp_path / "forked", SIZES, "fork", shared=1)
    notes = {parse_checkpoint(note.text).size: note for note in grown(tmp_path / "log", SIZES)}
    (tmp_path / "receipt").write_bytes(receipt_of(tmp_path / "log", 1, notes[old]).to_json())
    (tmp_path / "seen").write_text(str(notes[new]), "utf-8")
    asked = ("receipt", tmp_path / "receipt", "--seen", tmp_path / "seen")
    code, said = outside(*asked)
    assert (code, "different sizes" in said) == (2, True)
    assert outside(*asked, "--proof", tmp_path / "nowhere")[0] == 2
    for folder, code in (("log", 0), ("forked", 1)):
        lines = request(tmp_path / folder, min(old, new), notes[max(old, new)]).partition("\n\n")[0].split("\n")[1:]
        (tmp_path / "proof").write_text("\n".join(lines) + "\n", "utf-8")
        assert outside(*asked, "--proof", tmp_path / "proof")[0] == code
    (tmp_path / "seen").write_text(str(notes[old]), "utf-8")
    assert outside(*asked)[0] == 0


@pytest.mark.parametrize(("old", "new"), [(3, 300), (200, 300), (3, 200)])
def test_an_outsider_checks_that_one_checkpoint_goes_on_from_another(tmp_path: Path, old: int, new: int) -> None:
    grown(tmp_path / "forked", SIZES, "fork", shared=1)
    for note in grown(tmp_path / "log", SIZES):
        (tmp_path / str(parse_checkpoint(note.text).size)).write_text(str(note), "utf-8")
    asked = ("checkpoint", tmp_path / str(new), "--seen", tmp_path / str(old))
    for folder, code in (("log", 0), ("forked", 1)):
        lines = request(tmp_path / folder, old, parse_note((tmp_path / str(new)).read_text("utf-8"))).partition("\n\n")[0].split("\n")[1:]
        (tmp_path / "proof").write_text("\n".join(lines) + "\n", "utf-8")
        assert outside(*asked, "--proof", tmp_path / "proof")[0] == code
    code, said = outside(*asked)
    assert (code, "different sizes" in said) == (2, True), "without a proof nothing is claimed"
    assert outside("checkpoint", tmp_path / str(old), "--seen", tmp_path / str(new))[0] == 1, "an older one shown again"
