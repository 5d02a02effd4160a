"""Open the records of a lender: settings from its folder, database brought up to date."""

import os
from pathlib import Path

import django
from django.core.management import call_command


def connect_records(root: Path, database: str = "") -> None:
    """Point Django at a lender's database (SQLite in the folder, or a postgresql:// address); once a process."""
    os.environ["SULAH_LENDER"] = str(root)
    os.environ["SULAH_DATABASE"] = database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
    django.setup()


def bring_up_to_date() -> None:
    """Apply the migrations that the database lacks."""
    call_command("migrate", verbosity=0, interactive=False)
