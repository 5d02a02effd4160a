"""A desk that listens."""

from pathlib import Path

import pytest

from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault, make_key
from tests.talk.said import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk of a lender's own vault, without channels."""
    make_key(tmp_path / "keys" / "personal.key")
    (tmp_path / "lender.toml").write_text('[lender]\nname = "Village"\nentity_type = "nbfc_mfi"\n')
    return Desk(Vault(open_lender(tmp_path)), {}, {})
