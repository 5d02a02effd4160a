"""Load what the API received: everything that waits becomes one delta, loaded as any delta is, and each batch remembers its load."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.db import models, transaction

from sulah.actions.load_book import before_of
from sulah.actions.load_extract import LoadOutcome, load_extract
from sulah.actions.load_folder import LoadError
from sulah.actions.receive_records import accepted_records, is_whole
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import held
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.mapping_file import saved_mapping
from sulah.adapters.lms.received import Place, Received, lay_out
from sulah.adapters.lms.source import Mode
from sulah.intake.mapping import PLAIN
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.terms import LoadState
from sulah.records.api_client import ApiBatch, ApiTaking
from sulah.records.audit import write_audit
from sulah.records.load import Load


def waiting(as_of: date) -> "models.QuerySet[ApiBatch]":
    """The batches that a delta of this date is made of, in the order received.

    They belong to the date or an earlier one, no accepted load of an earlier date has them, and no whole extract of an earlier date
    spoke for their day.  So a second delta of one date says everything again, as every delta must.
    """
    earlier = Load.objects.filter(state=LoadState.ACCEPTED, as_of__lt=as_of)
    taken = ApiTaking.objects.filter(load__in=earlier).values("batch_id")
    found = ApiBatch.objects.filter(as_of__lte=as_of).exclude(sealed="").filter(turned_down_by="").exclude(pk__in=taken)
    whole = next((load for load in earlier.order_by("-as_of", "-version") if is_whole(load)), None)
    return (found.filter(as_of__gt=whole.as_of) if whole else found).order_by("id")


def load_received(
    lender: Lender,
    as_of: date,
    *,
    actor: str,
    clock: Clock,
    code_version: str,
    progress: Callable[[str], None] | None = None,
) -> LoadOutcome:
    """Load everything that waits for a business date; accepted, held or refused as any delta.  LoadError when nothing waits.

    The records lie open only in a folder of this process, which is gone afterwards.
    """
    if files := _from_files(as_of):
        words = f"{day_text(as_of)} was loaded from files ({files.pk}), and a business date is loaded from files or from the API."
        raise LoadError(f"{words} Nothing was done: what waits goes into the load of the next business date.")
    batches = list(waiting(as_of))
    if not batches:
        raise LoadError(f"Nothing that the API received waits for {day_text(as_of)}.")
    vault = Vault(lender)
    with _laying_out(lender) as folder:
        version = 1 + (Load.objects.filter(as_of=as_of).aggregate(last=models.Max("version"))["last"] or 0)
        places = lay_out(folder, as_of, f"{as_of}.{version}", (_opened(vault, batch) for batch in batches))

        def remember(load: Load) -> None:
            """Each batch remembers the load, in the load's own transaction."""
            ApiTaking.objects.bulk_create(_taking(load, batch, places) for batch in batches)

        parent = before_of(as_of)  # rows that it refused are tried again, and are written as its mapping says
        mapping = saved_mapping(lender, parent.mapping) if parent and parent.mapping else PLAIN
        return load_extract(
            lender, folder, as_of, mapping=mapping, actor=actor, clock=clock, code_version=code_version, progress=progress, also=remember
        )


def turn_down(name: str, as_of: date, *, actor: str, clock: Clock) -> ApiBatch:
    """Decide that no load takes a waiting batch, as when one id in it would refuse them all; LoadError when it does not wait."""
    with transaction.atomic():
        batch = waiting(as_of).select_for_update().filter(name=name).first()
        if batch is None:
            raise LoadError(f"No batch {name!r} waits for {day_text(as_of)}. Nothing was done.")
        batch.turned_down_by = actor
        batch.save()
        after = {"client": batch.client.name, "table": batch.table, "accepted": batch.accepted}
        write_audit(at=clock(), actor=actor, act="turn_down_batch", subject=batch.name, after=after)
    return batch


def _from_files(as_of: date) -> Load | None:
    """The accepted load of that date that was made from files."""
    found = Load.objects.filter(state=LoadState.ACCEPTED, as_of=as_of, takings=None)
    return next((load for load in found if not load.report.get("repairs", "")), None)


def _opened(vault: Vault, batch: ApiBatch) -> Received:
    return Received(batch.name, batch.table, Mode(batch.mode), accepted_records(vault, batch))


def _taking(load: Load, batch: ApiBatch, places: Mapping[str, Place]) -> ApiTaking:
    place = places[batch.name]
    return ApiTaking(load=load, batch=batch, places=[list(run) for run in place.runs], overtaken=place.overtaken)


@contextmanager
def _laying_out(lender: Lender) -> Iterator[Path]:
    """A folder for one delta, readable by its owner alone; those of killed processes are removed first."""
    root = lender.book / "received"
    root.mkdir(parents=True, exist_ok=True)
    with held(root / ".lock", "Records of the API are being loaded just now. Wait until that has ended, then try again."):
        for left in root.glob("laid-*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix="laid-", dir=root) as folder:
            yield Path(folder)
