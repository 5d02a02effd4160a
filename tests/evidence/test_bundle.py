"""A day's decisions leave as a bundle, and somebody without the lender makes every one of them again."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.evidence.bundle_day import Bundled, NothingToBundleError, bundle_day
from sulah.actions.evidence.erased import ACT, SUBJECT
from sulah.adapters.archive.zipped import Archive, ArchiveError, Writer
from sulah.adapters.book.layout import Lender
from sulah.guard.bundle import CONTACTS, DECISIONS
from sulah.guard.replay import replayed
from sulah.guard.replay_says import Replay, replay_words
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.decision import Decision
from tests.architecture.tree import ROOT
from tests.contact.people import BY
from tests.contact.small_day import lived_once
from tests.evidence.contact_day import DAY, instant, live_contacts

pytestmark = pytest.mark.django_db
EVENING = fixed_clock(instant(23))


@pytest.fixture(scope="module")
def contacted(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Lender]:
    """The lender with three days of contacts behind it, lived once; each test works in a savepoint of it."""
    lived = lived_once(tmp_path_factory.mktemp("evidence") / "lender", django_db_blocker.unblock())
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        lender = lived.published(patch)
        live_contacts(lender)
        yield lender
        transaction.set_rollback(True)


@pytest.fixture
def lender(contacted: Lender, db: None) -> Lender:
    """The same, for one test."""
    return contacted


def replay_of(path: Path, expected: str = "") -> Replay:
    """What a replay of a file says."""
    archive = Archive(path)
    try:
        return replayed(archive, expected)
    finally:
        archive.close()


def test_a_whole_day_of_contacts_replays_without_a_difference(lender: Lender, tmp_path: Path) -> None:
    """Permits and refusals, caps reached, a rule switched at noon, a stop, a lifted rule, and a dialler log that came in late."""
    made = bundle_day(lender, DAY, tmp_path / "day.zip", by=BY, clock=EVENING)
    found = replay_of(tmp_path / "day.zip", made.digest)
    assert [str(one) for one in found.differences] == []
    assert (found.same, found.erased, found.recounted) == (made.decisions, 0, made.decisions)
    stored = Decision.objects.filter(at__gte=instant(0), at__lt=instant(0, days=1))
    assert made.decisions == stored.count() > 170
    assert made.books == 2
    assert {True, False} == set(stored.values_list("permitted", flat=True))
    refused = " ".join(stored.values_list("refused_by", flat=True))
    assert all(f" {rule} " in refused for rule in ("STP-COMPLAINT", "FRQ-MSG-DAY"))
    assert found.caps > 300
    assert any(one["overrides"] for one in stored.values_list("intent", flat=True))


def test_the_same_records_give_the_same_bytes_and_each_export_is_written_down(lender: Lender, tmp_path: Path) -> None:
    first = bundle_day(lender, DAY, tmp_path / "a.zip", by=BY, clock=EVENING)
    again = bundle_day(lender, DAY, tmp_path / "b.zip", by=BY, clock=fixed_clock(instant(23, 30)))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert first == again
    entries = AuditEntry.objects.filter(act="evidence.bundle")
    assert [entry.after["digest"] for entry in entries] == [first.digest] * 2


def test_no_name_and_no_number_stands_in_a_bundle(lender: Lender, tmp_path: Path) -> None:
    bundle_day(lender, DAY, tmp_path / "day.zip", by=BY, clock=EVENING)
    with zipfile.ZipFile(tmp_path / "day.zip") as archive:
        text = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for name in ("98123", "Lakshmi", "Sanjay"):
        assert name not in text
    assert '"V10"' in text


def test_who_does_not_answer_for_the_whole_lender_takes_nothing_out(lender: Lender, tmp_path: Path) -> None:
    for actor in (Actor("x", Role.AGENT), Actor("y", Role.COMPLIANCE, ("BR1",)), Actor("z", Role.AGENCY, agency="A1")):
        with pytest.raises(NotPermittedError):
            bundle_day(lender, DAY, tmp_path / "day.zip", by=actor, clock=EVENING)
    with pytest.raises(NothingToBundleError):
        bundle_day(lender, DAY + timedelta(days=5), tmp_path / "day.zip", by=BY, clock=EVENING)
    assert list(tmp_path.iterdir()) == []


def rewritten(path: Path, out: Path, name: str, lines: list[bytes], **said: str) -> None:
    """The bundle with one file of other lines, and a manifest that fits; said: what the manifest says otherwise."""
    with zipfile.ZipFile(path) as archive:
        files = {one: archive.read(one).splitlines(keepends=True) for one in archive.namelist()}
    manifest = json.loads(b"".join(files.pop("manifest.json"))) | said
    files[name] = lines
    with Writer(out) as writer:
        for one, content in files.items():
            writer.add(one, content)
        manifest["files"] = {one: {"sha256": sha256, "lines": count} for one, (sha256, count) in writer.files.items()}
        text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        writer.add("manifest.json", [text.encode() + b"\n"])


def lines_of(path: Path, name: str) -> list[dict[str, Any]]:
    """The records of a list."""
    with zipfile.ZipFile(path) as archive:
        return [json.loads(line) for line in archive.read(name).splitlines()]


def written(records: list[dict[str, Any]]) -> list[bytes]:
    """Records as lines."""
    return [json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n" for one in records]


@pytest.fixture
def bundle(lender: Lender, tmp_path: Path) -> Path:
    """The day's bundle."""
    bundle_day(lender, DAY, tmp_path / "day.zip", by=BY, clock=EVENING)
    return tmp_path / "day.zip"


def test_erased_people_report_as_erased_and_are_counted(bundle: Path, tmp_path: Path) -> None:
    """Facts are gone; the permit, the contact and the counts of caps are held all the same."""
    decisions = lines_of(bundle, DECISIONS)
    person = decisions[0]["intent"]["person_id"]
    mine = [one for one in decisions if one["intent"]["person_id"] == person]
    for one in mine:
        one["facts"] = None
    rewritten(bundle, tmp_path / "hidden.zip", DECISIONS, written(decisions))
    unsaid = replay_of(tmp_path / "hidden.zip")
    assert {one.decision for one in unsaid.differences} == {one["id"] for one in mine}
    assert all("nothing says that the person was erased" in one.words for one in unsaid.differences)
    erasure = {"person": person, "certificate": "E-1", "at": instant(0).isoformat()}
    rewritten(tmp_path / "hidden.zip", tmp_path / "early.zip", "erasures.jsonl", written([erasure]))
    assert len(replay_of(tmp_path / "early.zip").differences) == len(mine)
    rewritten(tmp_path / "hidden.zip", tmp_path / "none.zip", "erasures.jsonl", written([{"person": person}]))
    assert any(one.file == "erasures.jsonl" for one in replay_of(tmp_path / "none.zip").differences)
    erasure["at"] = instant(23).isoformat()
    rewritten(tmp_path / "hidden.zip", tmp_path / "erased.zip", "erasures.jsonl", written([erasure]))
    found = replay_of(tmp_path / "erased.zip")
    assert found.holds
    assert (found.erased, found.proven, found.unproven, found.same) == (len(mine), 0, len(mine), len(decisions) - len(mine))
    assert f"{len(mine)} are hidden by erasures that nothing proves" in "\n".join(replay_words(found, digest_known=True))


def test_an_erased_persons_facts_leave_no_more_and_the_rest_holds(lender: Lender, tmp_path: Path) -> None:
    """By the entry of the audit trail: what was decided before it goes without facts, loans and numbers; what came after goes whole."""
    after = {"certificate": "e" * 64}
    AuditEntry.objects.create(at=instant(15), actor="asha", act=ACT, subject=f"{SUBJECT}V10", after=after)
    made = bundle_day(lender, DAY, tmp_path / "day.zip", by=BY, clock=EVENING)
    assert (made.erased, made.proven) == (1, 0)
    (erasure,) = lines_of(tmp_path / "day.zip", "erasures.jsonl")
    assert (erasure["person"], erasure["certificate"], erasure["receipt"]) == ("V10", "e" * 64, None)
    mine = [one for one in lines_of(tmp_path / "day.zip", DECISIONS) if one["intent"]["person_id"] == "V10"]
    before = [one for one in mine if datetime.fromisoformat(one["intent"]["at"]) <= instant(15)]
    assert 0 < len(before) < len(mine)
    assert [one for one in mine if one["facts"] is None] == before
    assert set(before[0]["intent"]) == {"intent_id", "person_id", "at", "channel", "purpose"}
    found = replay_of(tmp_path / "day.zip", made.digest)
    assert [str(one) for one in found.differences] == []
    assert (found.erased, found.same) == (len(before), made.decisions - len(before))


def test_a_forged_fact_verdict_or_permit_is_named_though_all_digests_of_files_fit(bundle: Path, tmp_path: Path) -> None:
    """Each names the decision, and the rule or the fact."""
    decisions = lines_of(bundle, DECISIONS)
    refusal = next(place for place, one in enumerate(decisions) if not one["outcome"]["permitted"] and one["facts"]["stops"])
    permit = next(place for place, one in enumerate(decisions) if one["outcome"]["permitted"])

    def found(change: Any, place: int) -> list[tuple[int | None, str, str]]:
        changed = json.loads(json.dumps(decisions))
        change(changed[place])
        rewritten(bundle, tmp_path / "forged.zip", DECISIONS, written(changed))
        return [(one.decision, one.rule, one.fact) for one in replay_of(tmp_path / "forged.zip").differences]

    number = decisions[refusal]["id"]
    stop = next(one["rule_id"] for one in decisions[refusal]["verdicts"] if one["answer"] == "no" and one["rule_id"].startswith("STP"))
    gone = found(lambda one: one["facts"].update(stops=[]), refusal)
    assert (number, "", "facts") in gone
    assert (number, stop, "") in gone

    def turned(one: dict[str, Any]) -> None:
        next(each for each in one["verdicts"] if each["rule_id"] == stop)["answer"] = "yes"

    assert found(turned, refusal) == [(number, stop, "")]
    number = decisions[permit]["id"]
    until = "2099-01-01T00:00:00.000000+00:00"
    assert found(lambda one: one["outcome"].update(permit_until=until), permit) == [(number, "", "permit_until")]
    assert found(lambda one: one.update(content_sha256="0" * 64), permit) == [(number, "", "content_sha256")]


def test_a_contact_left_out_of_the_ledger_or_put_into_it_is_named(bundle: Path, tmp_path: Path) -> None:
    """By the decisions that counted it, and by the permit that has no contact any more."""
    contacts = lines_of(bundle, CONTACTS)
    gone = next(one for one in contacts if one["source"] == "agency_file")
    rewritten(bundle, tmp_path / "less.zip", CONTACTS, written([one for one in contacts if one is not gone]))
    told = replay_of(tmp_path / "less.zip").differences
    assert told
    assert {one.fact for one in told} <= {"contacts", ""}
    assert any("does not have" in one.words for one in told)
    of_the_day = {one["id"] for one in lines_of(bundle, DECISIONS)}
    ours = next(one for one in contacts if one["decision"] in of_the_day)
    rewritten(bundle, tmp_path / "none.zip", CONTACTS, written([one for one in contacts if one is not ours]))
    told = replay_of(tmp_path / "none.zip").differences
    assert any(one.decision == ours["decision"] and one.fact == "contact" for one in told)
    more = {**ours, "id": 999_999, "decision": None, "steps": [[ours["at"], "connected"]]}
    rewritten(bundle, tmp_path / "more.zip", CONTACTS, written([*contacts, more]))
    told = replay_of(tmp_path / "more.zip").differences
    assert any(one.contact == 999_999 for one in told)


def test_a_swapped_rule_or_another_books_digest_is_named(bundle: Path, tmp_path: Path) -> None:
    """A limit changed in the rows is another version; under its own new digest nobody names it."""
    with zipfile.ZipFile(bundle) as archive:
        name = next(one for one in archive.namelist() if one.startswith("rules/"))
        text = archive.read(name)
    forged = json.loads(text)
    next(row for row in forged["sheets"]["contact_rule"] if row["rule_id"] == "HRS-PUSH")["last"] = 80_000
    line = written([forged])
    rewritten(bundle, tmp_path / "same_name.zip", name, line)
    assert any("own digest" in one.words for one in replay_of(tmp_path / "same_name.zip").differences)
    moved = f"rules/{hashlib.sha256(line[0]).hexdigest()}.json"
    rewritten(bundle, tmp_path / "moved.zip", moved, line)
    decisions = lines_of(bundle, DECISIONS)
    for one in decisions:
        one["book"] = moved[6:-5]
    rewritten(tmp_path / "moved.zip", tmp_path / "named.zip", DECISIONS, written(decisions))
    found = replay_of(tmp_path / "named.zip")
    assert {one.fact for one in found.differences} == {"rules_version"}
    assert len(found.differences) == len(decisions)


def test_a_file_that_is_no_bundle_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK but no archive")
    with pytest.raises(ArchiveError, match="no archive"):
        replay_of(tmp_path / "no.zip")
    with Writer(tmp_path / "empty.zip") as writer:
        writer.add("other.txt", [b"x\n"])
    with pytest.raises(ValueError, match="this is no bundle"):
        replay_of(tmp_path / "empty.zip")


@pytest.fixture
def guard_alone(tmp_path: Path) -> Path:
    """A folder with the package's guard and kernel, and nothing else of it."""
    package = tmp_path / "alone" / "sulah"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "src/sulah/__init__.py", package)
    for room in ("guard", "kernel"):
        shutil.copytree(ROOT / "src/sulah" / room, package / room)
    return package.parent


def test_the_outside_tool_needs_the_guard_and_nothing_else(bundle: Path, guard_alone: Path, tmp_path: Path) -> None:
    """Python without any library, without this checkout, on a machine that knows no lender."""
    digest = replay_of(bundle).manifest.digest
    tool = [sys.executable, "-I", "-S", str(ROOT / "verifier/sulah_replay.py"), str(bundle), "--guard", str(guard_alone)]
    done = subprocess.run([*tool, "--digest", digest], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith("HOLDS.")
    other = subprocess.run([*tool, "--digest", "0" * 64], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert other.returncode == 1
    assert "DOES NOT HOLD" in other.stdout


def test_the_bundle_says_what_it_holds(lender: Lender, tmp_path: Path) -> None:
    made = bundle_day(lender, DAY, tmp_path / "day.zip", by=BY, clock=EVENING)
    assert isinstance(made, Bundled)
    assert (tmp_path / "day.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "day.zip") as archive:
        assert b"all of it simulated" in archive.read("ABOUT.txt")
        assert archive.read("receipts.jsonl") == b""
