"""The vault's speed: keys made, persons sealed and opened in sets as a load does, single seals as a page does, a rotation, an erasure.

`python -m bench.vault [--people N]` on a key store made for it, with the synced writes of every day.  It prints one JSON object: rows
a second by the clock and by the processor (on a busy machine the second says more), and beside them what a load did before there were
keys per borrower: the same seal under one key.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sulah.adapters.book.keyfile import PERSONAL_KEY, make_key
from sulah.adapters.book.keykeeping import change_key
from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.terms import EntityType

AT_ONCE, SINGLE = 50_000, 2_000
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(measured(Path(folder), people), indent=1) + "\n")


def measured(root: Path, people: int) -> dict[str, object]:
    """Rows a second of each kind of work, and bytes of the store."""
    make_key(root / "keys" / PERSONAL_KEY)
    lender = Lender(root, "Bench", EntityType.NBFC_MFI, simulated=True)
    vault = Vault(lender)
    given = [(f"B-{n:08d}", f"B-{n:08d}", json.dumps({"name": f"Person {n}", "phone": f"+91{9_000_000_000 + n}"})) for n in range(people)]
    parts = [given[start : start + AT_ONCE] for start in range(0, people, AT_ONCE)]
    told: dict[str, object] = {"people": people}
    told["sealed_by_one_key"] = _rate(people, lambda: _before(given))
    told["keys_made_and_sealed"] = _rate(people, lambda: [vault.seal_people(part) for part in parts])
    sealed: list[list[str | None]] = []
    told["sealed_with_known_keys"] = _rate(people, lambda: sealed.extend(vault.seal_people(part) for part in parts))
    rows = [[(who, text or "") for (who, _, _), text in zip(part, some, strict=True)] for part, some in zip(parts, sealed, strict=True)]
    told["opened_in_sets"] = _rate(people, lambda: [vault.open_people(part) for part in rows])
    few = rows[0][:SINGLE]
    told["opened_one_by_one"] = _rate(len(few), lambda: [vault.open(who, text) for who, text in few])
    told["sealed_one_by_one"] = _rate(len(few), lambda: [vault.seal_about(who, "s", text) for who, text in few])
    told["wrapped_anew_by_a_rotation"] = _rate(people, lambda: change_key(lender))
    begun = time.perf_counter()
    vault.store.destroy(Kind.BORROWER, [who for who, _ in few], NOW)
    told["seconds_to_destroy_2000_keys"] = round(time.perf_counter() - begun, 2)
    told["bytes_a_key"] = round(vault.store.path.stat().st_size / people)
    return told


def _before(given: list[tuple[str, str, str]]) -> None:
    """The seal of a load before ADR 21: one cipher for everybody."""
    cipher, nonce_key = AESGCM(bytes(32)), bytes(32)
    for who, _, text in given:
        about, plain = who.encode(), text.encode()
        nonce = hmac.digest(nonce_key, len(about).to_bytes(4, "big") + about + plain, hashlib.sha256)[:12]
        base64.b64encode(nonce + cipher.encrypt(nonce, plain, about)).decode("ascii")


def _rate(count: int, work: Callable[[], object]) -> dict[str, int]:
    begun, used = time.perf_counter(), time.process_time()
    work()
    return {"by_clock": round(count / (time.perf_counter() - begun)), "by_processor": round(count / (time.process_time() - used))}


if __name__ == "__main__":
    main()
