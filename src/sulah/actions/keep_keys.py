"""The acts on the key store: copies with their cycle, bringing one back, changing the lender's key, opening a sealed file."""

import os
from collections.abc import Callable
from pathlib import Path

from sulah.actions.retain_keys import ACT as DESTROYED
from sulah.adapters.book.erased import keys_named
from sulah.adapters.book.keycopies import forget_copies
from sulah.adapters.book.keykeeping import Gone, KeysCopied, bring_back, change_key, copy_keys
from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import opened_file
from sulah.adapters.book.vault import Vault, VaultError
from sulah.kernel.dates import Clock
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.erasure import Erasure, ErasureState


def back_up_keys(lender: Lender, folder: Path, *, actor: str, clock: Clock) -> KeysCopied:
    """Copy the key store into a folder of another disk; copies older than the cycle are overwritten and removed."""
    done = copy_keys(lender, folder, clock())
    after = {"copy": done.path.name, "sha256": done.sha256, "keys": done.keys, "removed": list(done.removed)}
    write_audit(at=clock(), actor=actor, act="keys.backup", subject=f"keys:{done.path.name}", after=after)
    return done


def forget_folder(lender: Lender, folder: Path, *, actor: str, clock: Clock) -> int:
    """Write down that the copies of a folder are destroyed for certain, so that nobody looks for them any more; how many they were."""
    gone = forget_copies(lender, folder)
    write_audit(at=clock(), actor=actor, act="keys.forget", subject="keys:copies", after={"folder": folder.name, "copies": gone})
    return gone


def restore_keys(lender: Lender, copy: Path, *, actor: str, clock: Clock) -> int:
    """Put a copy in the place of the key store; who was erased since stays erased: how many keys were taken out of it again."""
    done = bring_back(lender, copy, _gone(), clock())
    write_audit(at=clock(), actor=actor, act="keys.restore", subject=f"keys:{copy.name}", after={"erased_again": done})
    return done


def _gone() -> Gone:
    """What certificates and the trail say was destroyed, of people who came back too."""
    erased = Erasure.objects.filter(state=ErasureState.DONE).values_list("person", flat=True)
    months = [name for row in AuditEntry.objects.filter(act=DESTROYED) for name in row.after.get("keys", ())]
    return Gone(list(erased), keys_named(), months)


def rotate_keys(lender: Lender, folder: Path, *, actor: str, clock: Clock, tell: Callable[[int], None] = lambda _: None) -> KeysCopied:
    """Change the lender's key, then copy the key store: the copies from before are wrapped by a key that nobody has any more."""
    done = change_key(lender, tell)
    write_audit(at=clock(), actor=actor, act="keys.rotate", subject="keys:personal", after={"wrapped": done})
    return back_up_keys(lender, folder, actor=actor, clock=clock)


def open_sealed_file(lender: Lender, sealed: Path, out: Path, *, actor: str, clock: Clock) -> int:
    """Write a sealed file of the lender in clear, readable by its owner alone, with an entry; the bytes written."""
    if out.exists():
        raise VaultError(f"{out} is already there. Name a file that is not: nothing is ever written over.")
    vault = Vault(lender)
    write_audit(at=clock(), actor=actor, act="keys.open_file", subject=f"file:{sealed.name}"[:200], after={"out": out.name})
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        return sum(target.write(block) for block in opened_file(vault, sealed))


def keys_held(lender: Lender) -> dict[str, int]:
    """How many keys of each kind the store has, and of how many borrowers it was destroyed."""
    store = Vault(lender).store
    held = {kind.value: len(store.names(kind)) for kind in (Kind.BORROWER, Kind.PERIOD)}
    return {**held, "erased": len(store.destroyed(Kind.BORROWER))}
