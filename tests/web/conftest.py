"""A lender with two committed days, people of every role, and clients signed in as them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import LoadState, Role
from sulah.records.dayrun import DayRun, RunStep
from sulah.records.load import Load, LoadFile
from sulah.records.person import Person
from sulah.records.workitem import WorkItem
from tests.web import cast
from tests.web import small_book as book
from tests.web.small_contacts import fill_contacts, put_people

PASSWORD = "a-long-simulated-password"


@dataclass(frozen=True)
class Written:
    """What lies on the disk: the lender, the stories, and for each day its path, files and worklist."""

    lender: Lender
    told: list[cast.Story]
    days: dict[object, tuple[str, dict[str, list[cast.ROW]], list[cast.ROW]]]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The files of a small lender, written once."""
    lender = book.make_lender(Path(tmp_path_factory.mktemp("lender")) / "sahyadri")
    told = cast.stories()
    book.write_load(lender, told)
    return Written(lender, told, {as_of: book.write_day(lender, told, as_of) for as_of in book.DAYS})


def fill_records(written: Written) -> DayRun:
    """The rows of the records that belong to the files; the latest run."""
    load = Load.objects.create(
        id=book.LOAD_ID,
        as_of=book.DAYS[0],
        version=1,
        state=LoadState.ACCEPTED,
        content_sha256="1" * 64,
        code_version="test",
        path=f"loads/{book.LOAD_ID}",
        report={"files": [asdict(tie) for tie in book.TIES]},
        loaded_at=book.LOADED_AT,
        loaded_by="loader",
    )
    for tie in book.TIES:
        of_file = {name: getattr(tie, name) for name in book.OF_FILE}
        LoadFile.objects.create(load=load, **of_file)
    run = None
    for as_of in book.DAYS:
        path, tables, _ = written.days[as_of]
        run = DayRun.objects.create(
            as_of=as_of,
            load=load,
            previous=run,
            policy_sha256="3" * 64,
            policy=book.recorded_policy(),
            code_version="test",
            path=path,
            tables=tables,
            published="4" * 64,
            committed_at=book.LOADED_AT,
            committed_by="night run",
        )
        RunStep.objects.create(run=run, name="state", place=1, seconds=0.4, rows=160)
    listed = written.days[cast.LAST][2]
    WorkItem.objects.bulk_create(WorkItem(**{name: value for name, value in row.items() if name not in ("rank", "dpd")}) for row in listed)
    assert run is not None
    return run


@pytest.fixture
def lender(written: Written, settings: pytest.FixtureRequest, db: None) -> Lender:
    """The lender whose pages are served; two days committed."""
    settings.LENDER = written.lender.root  # type: ignore[attr-defined]
    fill_records(written)
    return written.lender


@pytest.fixture
def contacted(lender: Lender, written: Written) -> Lender:
    """The same lender with its people's standings, and what was done and decided about them."""
    fill_contacts(lender, written.told)
    return lender


@pytest.fixture
def empty_lender(written: Written, settings: pytest.FixtureRequest, db: None) -> Lender:
    """The same lender before anything was loaded."""
    settings.LENDER = written.lender.root  # type: ignore[attr-defined]
    return written.lender


def person(role: Role, branches: tuple[str, ...] = ()) -> Person:
    """A person of a role, with branches."""
    return Person.objects.create_user(f"{role.value}{len(branches)}", password=None, role=role.value, branches=list(branches))


@pytest.fixture
def people(lender: Lender, written: Written) -> Lender:
    """The lender with its people, and nothing else about them."""
    put_people(lender, written.told)
    return lender


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """A client signed in as a new person of that role and those branches."""

    def sign_in(role: Role, *branches: str) -> Client:
        client = Client()
        client.force_login(person(role, branches), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def put_loads(state: LoadState) -> None:
    """Every load in this state, saved as the acts save it: a row changed behind their back would not be believed."""
    for load in Load.objects.all():
        load.state = state
        load.save()
