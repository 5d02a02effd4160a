"""The act of destroying the keys of months that are past their period: what was sealed under them opens no more, in any copy."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from sulah.actions.retain_book import HeldByLawError, hold_of_all
from sulah.actions.seal_filed import filed_past
from sulah.adapters.book.keyfile import overwrite
from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.retention import Kept, is_retired, retention_of, retired_paths
from sulah.adapters.book.vault import API, EXTRACT, HEARD, QUARANTINE, RAW, Vault
from sulah.adapters.lms.api_settings import api_settings
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.records.api_client import ApiBatch
from sulah.records.audit import write_audit
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox
from sulah.records.erasure import LegalHold
from sulah.records.load import Load

register("retain.keys_written", "retain.keys_gone")

ACT = "destroy_keys"


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """The key of one kind and month: its first and last day."""

    name: str
    kind: str
    first: date
    last: date

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The month as instants of India, the end outside."""
        return datetime.combine(self.first, time(0), IST), datetime.combine(self.last + timedelta(days=1), time(0), IST)


def keys_past(lender: Lender, as_of: date) -> list[PeriodKey]:
    """The keys of months of which the last day is past its period on as_of, and on which nothing stands that still needs it.

    None while a legal hold on any person stands: what the person wrote can lie under each of them.
    """
    if people_held():
        return []
    retired, retention = retired_paths(), retention_of(lender, as_of)
    waiting: dict[str, Callable[[PeriodKey], bool]] = {
        QUARANTINE: lambda key: _refused_rows_lie(lender, key, retired),
        RAW: lambda key: Inbox.objects.filter(received_at__range=key.span, processed_at=None).exists(),
        HEARD: lambda key: Heard.objects.filter(received_at__range=key.span, done_at=None).exists(),
        API: lambda key: ApiBatch.objects.filter(received_at__range=key.span).exclude(sealed="").exists(),
        EXTRACT: lambda _: False,
    }
    days = {kind: retention.periods[Kept(kind)].keep_days for kind in waiting if kind != API}
    days[API] = api_settings(lender.settings, simulated=lender.simulated).keep_days
    past = (key for key in months_of(Vault(lender)) if (as_of - key.last).days > days[key.kind])
    return [key for key in past if not waiting[key.kind](key)]


def people_held() -> int:
    """How many legal holds on single persons stand."""
    return LegalHold.objects.filter(lifted_at=None).exclude(person="").count()


def destroy_keys(lender: Lender, as_of: date, *, actor: str, clock: Clock) -> list[str]:
    """Destroy them, the entry first, then the keys and the sealed files of the lender that lay under them; their names.

    HeldByLawError under a legal hold.  Copies of the key store have them until their cycle is over: 30 days at most.
    """
    if hold := hold_of_all(lender, as_of):
        raise HeldByLawError(f"A legal hold stands, so no key was destroyed: {hold}")
    past = keys_past(lender, as_of)
    if past:
        with transaction.atomic():
            write_audit(at=clock(), actor=actor, act=ACT, subject=f"keys:{as_of}", after={"keys": [key.name for key in past]})
        reach("retain.keys_written")
        Vault(lender).store.destroy(Kind.PERIOD, [key.name for key in past], clock())
        reach("retain.keys_gone")
    days = retention_of(lender, as_of).periods[Kept.EXTRACT].keep_days
    for path in list(filed_past(lender, as_of - timedelta(days=days))):
        overwrite(path)
    return [key.name for key in past]


def months_of(vault: Vault) -> Iterator[PeriodKey]:
    """Every month that has a key, by kind."""
    for name in vault.store.names(Kind.PERIOD):
        kind, _, month = name.partition("/")
        first = date.fromisoformat(f"{month}-01")
        yield PeriodKey(name, kind, first, first.replace(day=monthrange(first.year, first.month)[1]))


def _refused_rows_lie(lender: Lender, key: PeriodKey, retired: frozenset[str]) -> bool:
    """Does a load of that month still have its refused rows?  The latest one's are part of the next delta."""
    loads = Load.objects.filter(as_of__range=(key.first, key.last))
    paths = (f"{load.path}/quarantine.parquet" for load in loads)
    return any((lender.book / path).is_file() and not is_retired(path, retired) for path in paths)
