"""Where a message to be sent stands, and what may follow what: the outbox, the worker and the callbacks share these words."""

from enum import StrEnum


class SendState(StrEnum):
    """The states of one intended message.

    queued: waits for its time.  claimed: a worker has it.  sending: permitted and counted, handed over or about to be.  ambiguous:
    handed over and no answer known; counts as sent.  sent: the provider took it.  failed: the provider is known not to have it and
    will not get it.  withdrawn: stopped by us before the hand-over.  delivered and undelivered: what the operator reported.
    """

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"


EVIDENCE = (SendState.SENT, SendState.UNDELIVERED, SendState.DELIVERED)
"""What a provider can attest, weaker first: a message moves up this list and never down."""

WAITING = (SendState.QUEUED, SendState.CLAIMED)
"""Nothing was handed over: a stop withdraws these."""


SEEN = ("read", "played")
"""Words of a report on a delivered message that the person saw it, weaker first; they move up like states do."""


def outranked_by(attested: SendState) -> tuple[SendState, ...]:
    """The states that a provider's word replaces: all that is no evidence, and evidence that is weaker.

    So the end does not depend on the order in which reports come in, or on how often.

    >>> [str(state) for state in outranked_by(SendState.UNDELIVERED)][-2:], SendState.DELIVERED in outranked_by(SendState.SENT)
    (['withdrawn', 'sent'], False)
    """
    place = EVIDENCE.index(attested)
    return (*(state for state in SendState if state not in EVIDENCE), *EVIDENCE[:place])


def stronger(attested: SendState) -> tuple[SendState, ...]:
    """What a provider may attest later that says more.

    >>> [str(state) for state in stronger(SendState.SENT)]
    ['undelivered', 'delivered']
    """
    return EVIDENCE[EVIDENCE.index(attested) + 1 :]
