"""The inbox of every test here."""

from pathlib import Path

import pytest
from django.conf import settings

from sulah.adapters.book.vault import make_key
from tests.watch.inbox import Inbox


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Inbox:
    """A lender's folder with keys and an empty inbox."""
    root = tmp_path / "lender"
    make_key(root / "keys" / "personal.key")
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    (root / "inbox").mkdir()
    (root / "policy").mkdir()
    monkeypatch.setattr(settings, "LENDER", root)
    return Inbox(root)
