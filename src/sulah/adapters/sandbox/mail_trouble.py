"""What goes wrong in a mail server that is played: one trouble a connection, at one step of it."""

from enum import StrEnum


class MailTrouble(StrEnum):
    """What may happen to one connection, by the step at which it happens.

    late_*: a 4xx; never_*: a 5xx; drop_*: the connection breaks.  content: while the message comes in.  before_effect and after_effect:
    after the final dot, without and with the message being taken.  closing: 421.  garbage: an answer that is no SMTP, message taken.
    """

    LATE_GREETING = "late_greeting"
    NEVER_GREETING = "never_greeting"
    DROP_GREETING = "drop_greeting"
    LATE_SENDER = "late_sender"
    NEVER_SENDER = "never_sender"
    DROP_SENDER = "drop_sender"
    LATE_RECIPIENT = "late_recipient"
    NEVER_RECIPIENT = "never_recipient"
    DROP_RECIPIENT = "drop_recipient"
    LATE_DATA = "late_data"
    NEVER_DATA = "never_data"
    DROP_DATA = "drop_data"
    DROP_CONTENT = "drop_content"
    LATE_DOT = "late_dot"
    NEVER_DOT = "never_dot"
    CLOSING_DOT = "closing_dot"
    DROP_BEFORE_EFFECT = "drop_before_effect"
    DROP_AFTER_EFFECT = "drop_after_effect"
    HANG_BEFORE_EFFECT = "hang_before_effect"
    HANG_AFTER_EFFECT = "hang_after_effect"
    GARBAGE_AFTER_EFFECT = "garbage_after_effect"


TAKES = frozenset({MailTrouble.DROP_AFTER_EFFECT, MailTrouble.HANG_AFTER_EFFECT, MailTrouble.GARBAGE_AFTER_EFFECT})
"""With these the message is taken, whatever the answer says."""
