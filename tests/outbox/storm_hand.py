"""What a process of the crew does in a storm: lay the world, bring what comes in the order of a seed, act on all of it."""

from collections.abc import Mapping
from random import Random
from typing import Any

from sulah.adapters.book.layout import Lender


def lay_world(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """People and messages, as they stand before anything is brought."""
    from sulah.adapters.book.vault import Vault
    from tests.outbox.storm import ALL_LINES, lay
    from tests.outbox.storm_world import made

    world = made(asked["events"], lines=ALL_LINES)
    lay(world, Vault(lender))
    return {"events": world.events}


def storm(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """Bring everything three times in the order of the seed, or once in order without one, and act until nothing waits."""
    from tests.outbox.storm import ALL_LINES, COPIES, Desk
    from tests.outbox.storm_world import made

    desk, come = Desk(lender), made(asked["events"], lines=ALL_LINES).brought
    if asked.get("seed") is not None:
        come = come * COPIES
        Random(asked["seed"]).shuffle(come)
    for number, each in enumerate(come):
        assert desk.bring(each) == 200
        if number % asked.get("every", 20) == 0:
            desk.act()
    desk.act()
    return {"brought": len(come)}


def state(lender: Lender, asked: Mapping[str, Any]) -> Any:
    """What stands in the end."""
    from tests.outbox.storm import canonical
    from tests.outbox.storm_state import final_state

    return {"state": canonical(final_state())}
