"""Let a machine speak to the API, or no longer: the account, what it may do, and the audit entry in one transaction."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.records.api_client import ApiClient
from sulah.records.audit import write_audit

MOST_DAYS = 400
LIVE, SANDBOX = "sulah_live", "sulah_sandbox"
"""How a token begins: a person sees at once which of the two it opens."""


class ClientRefusedError(Refusal):
    """The account cannot be made or closed; the words say why and what to do."""


def admit_client(
    name: str,
    scopes: Sequence[str],
    branches: Sequence[str],
    *,
    known: Sequence[str],
    days: int,
    sandbox: bool,
    actor: str,
    clock: Clock,
) -> tuple[ApiClient, str]:
    """Make a machine account, or give the one of that name a new token and new scopes; the token is returned this once.

    known: every scope there is.  The old token stops at once.  Writing is for the whole lender, so it goes with no branches.
    ClientRefusedError for a name, a scope or a time that cannot be.
    """
    _refuse(name, scopes, branches, known, days)
    at = clock()
    with transaction.atomic():
        client = ApiClient.objects.select_for_update().filter(name=name).first() or ApiClient(name=name)
        before = _standing(client) if client.pk else {}
        client.scopes, client.branches = sorted(set(scopes)), sorted(set(branches))
        client.expires_at, client.revoked_at, client.made_at, client.made_by = at + timedelta(days=days), None, at, actor
        secret = secrets.token_hex(32)
        client.token_sha256 = digest_of(secret)
        client.save()
        write_audit(at=at, actor=actor, act="api_client.admit", subject=f"api:{name}", before=before, after=_standing(client))
    return client, f"{SANDBOX if sandbox else LIVE}_{client.pk}_{secret}"


def revoke_client(name: str, *, actor: str, clock: Clock) -> ApiClient:
    """Close a machine account at once; what it did stays in the trail.  ClientRefusedError when there is none open."""
    with transaction.atomic():
        client = ApiClient.objects.select_for_update().filter(name=name, revoked_at=None).first()
        if client is None:
            raise ClientRefusedError(f"No machine named {name!r} has an open account. List them with: sulah api-client list")
        before = _standing(client)
        client.revoked_at = clock()
        client.save()
        write_audit(at=clock(), actor=actor, act="api_client.revoke", subject=f"api:{name}", before=before, after=_standing(client))
    return client


def digest_of(secret: str) -> str:
    """The SHA-256 of a token's secret part: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _refuse(name: str, scopes: Sequence[str], branches: Sequence[str], known: Sequence[str], days: int) -> None:
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum() and len(name) <= 64
    if not plain:
        raise ClientRefusedError(f"{name!r} cannot be the name of a machine. Use letters, digits, - and _, such as lms-core.")
    if not scopes:
        raise ClientRefusedError(f"Say what it may do with --scope, once or more: {', '.join(known)}")
    if unknown := sorted(set(scopes) - set(known)):
        raise ClientRefusedError(f"{unknown[0]} is no scope. Known: {', '.join(known)}")
    if branches and any(scope.endswith(":write") for scope in scopes):
        raise ClientRefusedError("A machine that writes speaks for the whole lender: leave --branch out, or make a second one that reads.")
    if not 1 <= days <= MOST_DAYS:
        raise ClientRefusedError(f"A token lives from 1 to {MOST_DAYS} days; {days} is not within.")


def _standing(client: ApiClient) -> dict[str, Any]:
    revoked = client.revoked_at.isoformat() if client.revoked_at else None
    return {"scopes": client.scopes, "branches": client.branches, "expires_at": client.expires_at.isoformat(), "revoked_at": revoked}
