"""Numbers of SMPP 3.4: commands, statuses, tags, classes of message, states.

Source: Short Message Peer to Peer Protocol Specification v3.4, issue 1.2, 12-Oct-1999 (smpp.org): 5.1.2.1 command_id, 5.1.3
command_status, 5.2.12 esm_class, 5.2.28 message_state, 5.3.2 optional parameter tags.
"""

from enum import IntEnum

RESPONSE = 0x80000000
"""The bit that makes a command the response to it."""


class Command(IntEnum):
    """The commands that we send or understand."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    QUERY_SM = 0x03
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    GENERIC_NACK = 0x80000000
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM_RESP = 0x80000005
    UNBIND_RESP = 0x80000006
    BIND_TRANSCEIVER_RESP = 0x80000009
    ENQUIRE_LINK_RESP = 0x80000015


BINDS = frozenset({Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER})


class Status(IntEnum):
    """Answers of the other side; 0x400 to 0x4FF are its own (5.1.3), and anything else is reserved."""

    OK = 0x00
    INVALID_MESSAGE_LENGTH = 0x01
    INVALID_COMMAND_LENGTH = 0x02
    INVALID_COMMAND = 0x03
    WRONG_BIND_STATE = 0x04
    ALREADY_BOUND = 0x05
    INVALID_PRIORITY = 0x06
    INVALID_REGISTERED_DELIVERY = 0x07
    SYSTEM_ERROR = 0x08
    INVALID_SOURCE = 0x0A
    INVALID_DESTINATION = 0x0B
    INVALID_MESSAGE_ID = 0x0C
    BIND_FAILED = 0x0D
    INVALID_PASSWORD = 0x0E
    INVALID_SYSTEM_ID = 0x0F
    QUEUE_FULL = 0x14
    INVALID_SERVICE_TYPE = 0x15
    INVALID_ESM_CLASS = 0x43
    SUBMIT_FAILED = 0x45
    INVALID_SOURCE_TON = 0x48
    INVALID_SOURCE_NPI = 0x49
    INVALID_DESTINATION_TON = 0x50
    INVALID_DESTINATION_NPI = 0x51
    INVALID_SYSTEM_TYPE = 0x53
    THROTTLED = 0x58
    INVALID_SCHEDULE = 0x61
    INVALID_EXPIRY = 0x62
    RECEIVER_TEMPORARY = 0x64
    RECEIVER_PERMANENT = 0x65
    RECEIVER_REJECTS = 0x66
    QUERY_FAILED = 0x67
    INVALID_TLV_STREAM = 0xC0
    TLV_NOT_ALLOWED = 0xC1
    INVALID_TLV_LENGTH = 0xC2
    MISSING_TLV = 0xC3
    INVALID_TLV_VALUE = 0xC4
    DELIVERY_FAILURE = 0xFE
    UNKNOWN_ERROR = 0xFF


VENDOR = range(0x400, 0x500)
"""Statuses that each SMSC makes up for itself."""


class Tag(IntEnum):
    """Optional parameters that we use; the DLT ones are settings, because no standard names them."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_PART = 0x020F
    INTERFACE_VERSION = 0x0210
    NETWORK_ERROR = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


ESM_TYPE, ESM_RECEIPT, ESM_NOTIFICATION, ESM_UDH = 0x3C, 0x04, 0x20, 0x40
"""esm_class: the bits of the kind of message; a delivery receipt; an intermediate notification; a user data header stands first."""

STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}
"""message_state, with the word that a receipt has for it (5.2.28, appendix B)."""
