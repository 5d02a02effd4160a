"""The runner: does the steps of a day, times them, commits the day as one thing, and rebuilds any past day."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from sulah.actions.publish_day import Published, publish_day
from sulah.actions.record_alarm import alarm_notes
from sulah.adapters.book.bases import digests_with_base
from sulah.adapters.book.durable import altered, sync_folder
from sulah.adapters.book.layers import rows_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.published import digest_of
from sulah.daycycle.audit import digests_of_day, digests_of_load
from sulah.daycycle.engine import Inputs, Made, Make, Tell, make_tables
from sulah.daycycle.ledger import files_of, last_day, new_folder, sweep
from sulah.daycycle.steps import ACCEPTED_TABLES, INTAKE_TABLES, PREVIOUS_TABLES, STEPS
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState
from sulah.policy.check import check_policy, refusals
from sulah.policy.load import from_json, load_policy
from sulah.policy.rows import EntityPolicy, Policy
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.load import Load

OLDEST_EXTRACT_DAYS = 366
"""A day may stand on an extract of up to a year ago, said as a note; beyond that it is a mistyped year."""


class DayRefusedError(Refusal):
    """The day cannot run; the words say why and what to do next."""


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """What a run did: the committed day, whether it was there already, what publishing changed, and notes for people."""

    run: DayRun
    repeated: bool
    published: Published | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """A past day rebuilt: files that came out the same, and those that did not."""

    as_of: date
    same: tuple[str, ...]
    different: tuple[str, ...]
    published_same: bool
    notes: tuple[str, ...] = ()


def run_day(
    lender: Lender, as_of: date, *, actor: str, clock: Clock, code: str, load: Load, tell: Tell | None = None, make: Make | None = None
) -> DayOutcome:
    """Run the day cycle of a business date on a load, and commit it; DayRefusedError says why not.

    make: the engine, left out the embedded one; code then names it too, since the bytes are its own.
    The same load, policy and code give the same bytes: a second run compares them and leaves the first in place.
    """
    policy = _policy(lender)
    with sole_runner(lender):
        notes = [f"Swept {len(swept)} unfinished run(s) that never became a day."] if (swept := sweep(lender)) else []
        notes += [*_notes(as_of, load), *alarm_notes(as_of)]
        latest = last_day()
        if latest is not None and latest.as_of > as_of:
            raise DayRefusedError(
                f"{day_text(as_of)} lies before the last committed day, {day_text(latest.as_of)}. "
                f"Past days are never written again; to rebuild one run: sulah replay --as-of {as_of}"
            )
        if (as_of - load.as_of).days > OLDEST_EXTRACT_DAYS:
            raise DayRefusedError(
                f"{day_text(as_of)} lies {(as_of - load.as_of).days} days after the extract of {day_text(load.as_of)}. "
                "Look at the year; a day once committed cannot be taken back. If it is right, load a newer extract first."
            )
        previous = last_day(before=as_of)
        if unsound := _unsound(lender, load, previous, latest):
            raise DayRefusedError(
                f"{unsound[0]} Restore it from the backup of the book, then run the day again; sulah check names every such file."
            )
        folder = new_folder(lender, as_of)
        try:
            made = (make or embedded(lender))(_inputs(lender, as_of, load, policy, previous, code), folder, tell)
            return _commit(lender, folder, made, as_of, load, policy, previous, latest, actor, clock, code, notes)
        except BaseException:
            _discard(folder)
            raise


def _discard(folder: Path) -> None:
    """Give back the disk of an attempt that failed, unless it became the day (an interrupt just after the commit).

    Where the ledger cannot be asked the folder stays, and the next run sweeps it.
    """
    try:
        committed = DayRun.objects.filter(path=f"days/{folder.name}").exists()
    except DatabaseError:
        return
    if not committed:
        shutil.rmtree(folder, ignore_errors=True)


def replay_day(lender: Lender, as_of: date, *, code: str, folder: Path, tell: Tell | None = None, make: Make | None = None) -> Replay:
    """Rebuild a committed day into a folder on the load, policy and previous day recorded, and compare every byte.

    make, code: the engine and its name, as in run_day.
    """
    run = DayRun.objects.filter(as_of=as_of).select_related("load", "previous").first()
    if run is None:
        days = ", ".join(str(day) for day in DayRun.objects.order_by("-as_of").values_list("as_of", flat=True)[:5])
        raise DayRefusedError(f"{day_text(as_of)} was never committed. The latest committed days: {days or 'none yet'}.")
    notes = []
    if run.code_version != code:
        notes.append(f"This day was made by code {run.code_version}, this is {code}: only the same code and engine give the same bytes.")
    if unsound := _unsound(lender, run.load, run.previous):
        raise DayRefusedError(f"{unsound[0]} Restore it from the backup of the book, then replay again; sulah check names every such file.")
    policy = from_json(run.policy)
    made = (make or embedded(lender))(_inputs(lender, as_of, run.load, policy, run.previous, run.code_version), folder, tell)
    then = {entry["file"]: entry["sha256"] for entries in run.tables.values() for entry in entries}
    now = {str(entry["file"]): entry["sha256"] for table in made.values() for entry in table.files}
    same = tuple(sorted(name for name in then if then[name] == now.get(name)))
    different = tuple(sorted((set(then) | set(now)) - set(same)))
    return Replay(as_of, same, different, digest_of(_worklist(folder)) == run.published, tuple(notes))


def _worklist(folder: Path) -> list[Path]:
    return sorted((folder / "worklist").glob("*.parquet"))


def embedded(lender: Lender) -> Make:
    """The embedded engine on this machine, with the lender's workers."""
    workers = workers_of(lender)
    return lambda inputs, folder, tell: make_tables(inputs, folder, tell, workers=workers)


def workers_of(lender: Lender) -> int:
    """How many shards are made side by side: [book] workers of lender.toml, else one for each core; the bytes are the same."""
    own = lender.settings.get("book", {})
    given = own.get("workers") if isinstance(own, dict) else None
    if given is None:
        return os.cpu_count() or 1
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise DayRefusedError(f"lender.toml: workers under [book] is {given!r}; write a whole number, 1 or more, or leave the line out.")
    return given


def _policy(lender: Lender) -> Policy:
    policy = load_policy(lender.policy)
    problems = refusals(check_policy(policy))
    if problems:
        lines = "\n".join(f"  {problem.file}: {problem.words}" for problem in problems[:10])
        raise DayRefusedError(f"The policy has {len(problems)} problem(s); nothing ran:\n{lines}")
    return policy


def _notes(as_of: date, load: Load) -> list[str]:
    held = Load.objects.filter(state=LoadState.HELD, as_of__lte=as_of, as_of__gte=load.as_of).values_list("pk", flat=True)
    waiting = [f"Load {pk} is held and not used; decide about it with: sulah approve {pk}, then run the day again." for pk in held]
    if load.as_of < as_of:
        return [f"The extract is {(as_of - load.as_of).days} day(s) old: it speaks of {day_text(load.as_of)}.", *waiting]
    if load.as_of > as_of:
        return [f"Filled in from the later extract of {day_text(load.as_of)}: statuses and the lender's own figures are of that day."]
    return waiting


def _unsound(lender: Lender, load: Load, previous: DayRun | None, latest: DayRun | None = None) -> list[str]:
    """Files that a day would read and that are not the bytes once written: no day stands on such."""
    read = ("layer", *(f"{table}/" for table in INTAKE_TABLES), *(f"accepted/{table}.parquet" for table in ACCEPTED_TABLES))
    words = []
    for part, folder, digests in digests_with_base(lender.book, load):
        given = {name: digest for name, digest in digests.items() if name.startswith(read)}
        words += [f"{name} of load {part.pk} is missing or was changed." for name in altered(folder, given)]
    if not digests_of_load(load):  # a load of an earlier version recorded no digests: its files must at least be there
        gone = [table for table in INTAKE_TABLES if not rows_of_load(lender.book / load.path, table).files]
        words += [f"{table} of load {load.pk} is missing." for table in gone]
    if previous is not None and previous.load_id != load.pk:  # whose loans they were: class memory goes along with a loan
        for part, folder, digests in digests_with_base(lender.book, previous.load):
            known = {name: digest for name, digest in digests.items() if name.startswith("account/")}
            words += [f"{name} of load {part.pk} is missing or was changed." for name in altered(folder, known)]
    if previous is not None:
        memory = {name: digest for name, digest in digests_of_day(previous).items() if name.split("/")[0] in PREVIOUS_TABLES}
        words += [f"{name} of the day {previous.as_of} is missing or was changed." for name in altered(lender.book / previous.path, memory)]
    if latest is not None:
        listed = {name: digest for name, digest in digests_of_day(latest).items() if name.startswith("worklist/")}
        words += [f"{name} of the day {latest.as_of} is missing or was changed." for name in altered(lender.book / latest.path, listed)]
    return words


def _inputs(lender: Lender, as_of: date, load: Load, policy: Policy, previous: DayRun | None, code: str) -> Inputs:
    entity = policy.for_entity(lender.entity_type)
    if previous is None:
        return Inputs(as_of=as_of, load=lender.book / load.path, policy=entity)
    return Inputs(
        as_of=as_of,
        load=lender.book / load.path,
        policy=entity,
        previous_as_of=previous.as_of,
        previous_load_as_of=previous.load.as_of,
        previous_load=lender.book / previous.load.path,
        previous={table: files_of(lender, previous, table) for table in PREVIOUS_TABLES},
        carried=_carries(previous, as_of, load, policy.sha256, entity, code),
        load_touched=previous.load_id != load.pk,
    )


def _carries(previous: DayRun, as_of: date, load: Load, policy_sha256: str, entity: EntityPolicy, code: str) -> bool:
    """May rows of the last day be taken over?  Only on its load or that one's child, by the same policy, rows in force and code."""
    known = previous.load_id in (load.pk, load.parent_id)
    rules = (previous.policy_sha256, previous.code_version) == (policy_sha256, code)
    return known and rules and list(entity.in_force("waterfall", previous.as_of)) == list(entity.in_force("waterfall", as_of))


def _commit(
    lender: Lender,
    folder: Path,
    made: Mapping[str, Made],
    as_of: date,
    load: Load,
    policy: Policy,
    previous: DayRun | None,
    latest: DayRun | None,
    actor: str,
    clock: Clock,
    code: str,
    notes: Sequence[str],
) -> DayOutcome:
    tables = {name: table.files for name, table in made.items()}
    worklist = _worklist(folder)
    published = digest_of(worklist)
    old = DayRun.objects.filter(as_of=as_of).first()
    if old is not None and _same(old, load, policy, code, tables, published):
        shutil.rmtree(folder)
        return DayOutcome(old, repeated=True, published=None, notes=tuple(notes))
    shutil.rmtree(folder / "spill", ignore_errors=True)
    sync_folder(folder)
    sync_folder(lender.days)
    at = clock()
    run = DayRun(
        as_of=as_of,
        load=load,
        previous=previous,
        policy_sha256=policy.sha256,
        policy=_plain(policy),
        code_version=code,
        path=f"days/{folder.name}",
        tables=tables,
        published=published,
        counts={name: table.rows for name, table in made.items()},
        committed_at=at,
        committed_by=actor,
    )
    steps = [
        RunStep(name=step.table, place=place, seconds=round(made[step.table].seconds, 4), rows=made[step.table].rows)
        for place, step in enumerate(STEPS)
    ]
    before = files_of(lender, latest, "worklist") if latest is not None else ()
    committed, changes = publish_day(run, steps, worklist, before, actor=actor, at=at)
    return DayOutcome(committed, repeated=False, published=changes, notes=tuple(notes))


def _plain(policy: Policy) -> dict[str, Any]:

    plain: dict[str, Any] = json.loads(policy.to_json())
    return plain


def _same(old: DayRun, load: Load, policy: Policy, code: str, tables: Mapping[str, Any], published: str) -> bool:
    facts = (old.load_id, old.policy_sha256, old.code_version, old.published)
    return facts == (load.pk, policy.sha256, code, published) and old.tables == tables
