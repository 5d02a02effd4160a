"""The settings of the API: [api] in lender.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from sulah.kernel.refusal import Refusal

LEAST_KEEP_DAYS = 400
"""Days that a key and its answer are kept at least: a machine that was off for a year must not pay twice."""


class ApiSettingsError(Refusal):
    """A setting under [api] cannot be used; the words say which and what to write."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Records and bytes of one call, calls a minute of one client, days that answers are kept, and whether this is a sandbox."""

    most_records: int = 1000
    most_bytes: int = 5_000_000
    calls_a_minute: int = 600
    keep_days: int = LEAST_KEEP_DAYS
    sandbox: bool = False


def api_settings(settings: Mapping[str, object], *, simulated: bool) -> ApiSettings:
    """The settings of a lender; ApiSettingsError for an unknown or impossible one, and for a sandbox that is not simulated.

    >>> api_settings({"api": {"most_records": 50}}, simulated=False).most_records
    50
    """
    own = settings.get("api", {})
    given = own if isinstance(own, Mapping) else {}
    known = {one.name: one.default for one in fields(ApiSettings)}
    for name, value in given.items():
        if name not in known:
            raise ApiSettingsError(f"lender.toml: {name} under [api] is no setting. Known: {', '.join(known)}.")
        if type(value) is not type(known[name]) or (type(value) is int and value < 1):
            raise ApiSettingsError(
                f"lender.toml: {name} under [api] is {value!r}; write something like {name} = {str(known[name]).lower()}."
            )
    found = ApiSettings(**given)
    if found.keep_days < LEAST_KEEP_DAYS:
        raise ApiSettingsError(f"lender.toml: keep_days under [api] is {found.keep_days}; it may not be below {LEAST_KEEP_DAYS}.")
    if found.sandbox and not simulated:
        raise ApiSettingsError("lender.toml: sandbox = true under [api] is for a simulated lender only (simulated = true under [lender]).")
    return found
