"""`sulah sandbox whatsapp` as people start it."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.outbox.place import ROOT, new_place
from tests.outreach.whatsapp_place import SECRETS, TO, settings
from tests.real.command import sulah

pytestmark = pytest.mark.slow


def test_the_platform_is_played_from_the_settings_of_the_lender(tmp_path: Path) -> None:
    place = new_place(tmp_path / "kaveri")
    path = place.root / "lender.toml"
    path.write_text(path.read_text("utf-8") + settings(), "utf-8")
    refused = sulah("sandbox", "whatsapp", "--port", "0", "--lender", place.root)
    assert refused.code == 1
    assert "WA_APP" in refused.words
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
    words = [sys.executable, "-m", "sulah.cli.main", "sandbox", "whatsapp", "--port", "0", "--json", "--lender", str(place.root)]
    environment = {**clean, **SECRETS, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(words, env=environment, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["simulated"] is True
        with urllib.request.urlopen(f"http://127.0.0.1:{said['port']}/_sandbox/phone?number={TO}", timeout=10) as answer:
            assert json.loads(answer.read()) == {"simulated": True, "messages": []}
    finally:
        process.kill()
        process.communicate()
