"""Open the records of a lender: settings from its folder, database brought up to date."""

import os
from collections.abc import Mapping
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from sulah.kernel.refusal import Refusal


def connect_records(root: Path, database: str = "") -> None:
    """Point Django at a lender's database (SQLite in the folder, or a postgresql:// address); once a process."""
    os.environ["SULAH_LENDER"] = str(root)
    os.environ["SULAH_DATABASE"] = database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
    django.setup()


class UnreleasedLayoutError(Refusal):
    """The database was made before the first release, in a layout that no migration leads on from."""


def bring_up_to_date() -> None:
    """Apply the migrations that the database lacks; UnreleasedLayoutError for one made by an early, unreleased commit."""
    with connection.cursor() as cursor:
        if "records_workitem" in connection.introspection.table_names(cursor):
            columns = {column.name for column in connection.introspection.get_table_description(cursor, "records_workitem")}
            if "work_order" not in columns:
                raise UnreleasedLayoutError(
                    "This lender's database was made by an early version that was never released, and cannot be brought up to date. "
                    "Make the lender anew (sulah init, then load the latest extract; for the demo: sulah demo --again)."
                )
    call_command("migrate", verbosity=0, interactive=False)


def migrate_to(applied: Mapping[str, str]) -> None:
    """Bring an empty database to the state that a backup was taken in: each app at the last migration named."""
    for app, name in applied.items():
        call_command("migrate", app, name, verbosity=0, interactive=False)
