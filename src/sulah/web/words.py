"""The words people read for the codes that tables carry."""

WORDS: dict[str, str] = {
    "current": "Current",
    "none": "None",
    "sma_0": "SMA-0",
    "sma_1": "SMA-1",
    "sma_2": "SMA-2",
    "npa": "NPA",
    "standard": "Standard",
    "sub_standard": "Sub-standard",
    "doubtful_1": "Doubtful 1",
    "doubtful_2": "Doubtful 2",
    "doubtful_3": "Doubtful 3",
    "loss": "Loss",
    "dpd": "Days past due",
    "whatsapp": "WhatsApp",
    "pre_due": "Reminder before the due date",
    "otp": "One-time password",
    "session_answer": "Answer in a conversation",
    "bot_call": "Machine call",
    "self_harm": "Threat to oneself",
    "part_kept": "Kept in part",
    "find_number": "Find the number",
    "suspicion": "Suspicion: read at once",
    "agree_plan": "Agree a plan",
    "mfl": "Microfinance",
    "pincode": "PIN code",
    "channel_all": "Channel, for everybody",
    "co_borrower": "Co-borrower",
    "sign_off": "Signed off",
    "switch": "Switched",
    "propose": "Proposed",
    "approve": "Approved",
    "reject": "Refused",
    "give_back": "Given back",
    "submit": "Submitted",
    "retire": "Retired",
    "draft": "Draft",
    "penal": "Penal charge",
    "officer": "Name of the officer",
    "link": "Payment link",
    "helpline": "Helpline",
    "cannot_pay": "Cannot pay",
    "npa_on": "NPA date",
    "class": "Asset class",
    "instalments_91_179": "Instalments 91–179 days overdue",
    "instalments_180": "Instalments 180 days and more overdue",
    "legal": "Legal officer",
    "validator": "Model validator",
    "compliance": "Compliance officer",
    "opening": "Paid before the history begins",
    "void": "Taken away: the lender’s system no longer has it",
    "reversal": "Reversal",
    "orphan": "No posting found",
    "planned": "To be presented again",
    "with_next_instalment": "Goes with the next instalment",
    "tries_used_up": "Tries used up",
    "after_change": "Only when put right",
    "never": "Must not be presented again",
    "paid_since": "Paid since",
    "mandate_ended": "Mandate ended",
    "loan_ended": "Loan ended",
    "no_rule": "No rule was recorded",
    "nobody": "Nobody (on hold)",
    "system": "System (digital)",
    "day_count": "Day count",
    "asset_limit": "SMA and NPA limits",
    "asset_age": "Age of an NPA",
    "waterfall": "Order of settling",
    "stage": "Stage ladder",
    "bucket": "Buckets",
    "load_threshold": "Load thresholds",
    "bounce_reason": "Returned debits",
    "restructure": "Restructuring",
    "upgrade": "Upgrade",
    "provision": "Provisioning",
    "held": "Held for approval",
    "fee": "Fee",
    "written_off_keeper": "Keeper after write-off",
    "written_off_interest": "Interest after write-off",
    "written_off_waterfall": "Order of settling after write-off",
    "kfs_fee": "Fees of the key facts statement",
    "taken_over": "Taken over",
    "digital_sequence_self_service": "Digital sequence, self-service",
    "agent_call_restructuring_talk": "Agent call, restructuring talk",
    "field_visit_high_ticket": "Field visit, high ticket",
    "settlement_talk_legal_warning_visit": "Settlement talk, legal warning, visit",
}

INTENTS: dict[str, str] = {
    "paid": "paid already",
    "promise": "a promise to pay",
    "part": "a part payment",
    "cannot_pay": "cannot pay",
    "dispute": "a dispute",
    "wrong_number": "a wrong number",
    "call_me": "asks for a call",
    "language": "asks for a language",
    "stop": "stop",
    "start": "start again after a stop",
    "complaint": "a complaint",
    "death": "a death",
    "self_harm": "a threat to oneself",
    "other": "something else",
}
"""What a person meant, inside a sentence; a test holds that no intent is missing."""

_SHORT = frozenset({"npa", "sma", "jlg", "mfi", "nbfc", "sfb", "nach", "upi", "dpd", "lms", "emi", "sms", "ist"})


def words(code: object) -> str:
    """The words for a code: those of the table, day ranges as such, else the code with its underscores opened.

    >>> words("sma_0"), words("31-60"), words("366+"), words("npa_recovery_plan"), words(None)
    ('SMA-0', '31–60 days', '366+ days', 'NPA recovery plan', '—')
    """
    text = str(code) if code is not None else ""
    if not text:
        return "—"
    if text in WORDS:
        return WORDS[text]
    bare = text.replace("-", "", 1).replace("+", "", 1)
    if bare.isdigit() and bare != text:
        return text.replace("-", "–") + " days"
    opened = " ".join(part.upper() if part in _SHORT else part for part in text.split("_"))
    return opened[:1].upper() + opened[1:]


def within(code: object) -> str:
    """The words for a code inside a sentence: small, but for names and short forms.

    >>> within("bot_call"), within("sms"), within("whatsapp")
    ('machine call', 'SMS', 'WhatsApp')
    """
    text = words(code)
    named = text[:2].isupper() or text == "WhatsApp"
    return text if named else text[:1].lower() + text[1:]


def meant(intent: str) -> str:
    """What a person meant, inside a sentence.

    >>> meant("self_harm"), meant("new_one"), meant("")
    ('a threat to oneself', 'new one', '—')
    """
    return INTENTS.get(intent) or within(intent)


def grouped(number: int) -> str:
    """A count with Indian grouping.

    >>> grouped(1234567), grouped(-999)
    ('12,34,567', '-999')
    """
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ("-" if number < 0 else "") + (",".join([*groups, tail]) if head else tail)


def bps(part: int | None, whole: int | None) -> int | None:
    """A share in hundredths of a percent, rounded half up; None of nothing.

    >>> bps(1, 3), bps(1, 0), bps(None, 5)
    (3333, None, None)
    """
    return None if part is None or not whole else (part * 20000 + whole) // (2 * whole)


def percent(points: int | None) -> str:
    """Hundredths of a percent as people read them.

    >>> percent(3333), percent(-5), percent(None)
    ('33.33%', '-0.05%', '—')
    """
    if points is None:
        return "—"
    return f"{'-' if points < 0 else ''}{abs(points) // 100}.{abs(points) % 100:02d}%"


def short_rupees(paise: int) -> str:
    """Rupees for a chart: lakh (L) and crore (Cr) with at most two decimals.

    >>> short_rupees(1_25_00_000_00), short_rupees(45_000_00), short_rupees(2_50_000_00), short_rupees(0)
    ('₹1.25 Cr', '₹45 K', '₹2.5 L', '₹0')
    """
    sign, rupees = "-" if paise < 0 else "", abs(paise) // 100
    for unit, size in (("Cr", 1_00_00_000), ("L", 1_00_000), ("K", 1_000)):
        if rupees >= size:
            hundredths = (rupees * 100 + size // 2) // size
            text = f"{hundredths // 100:d}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
            return f"{sign}₹{text} {unit}"
    return f"{sign}₹{rupees}"


def share(part: int, whole: int) -> str:
    """A share in percent with two decimals, rounded half up; a dash of nothing.

    >>> share(1, 3), share(1, 0)
    ('33.33%', '—')
    """
    if not whole:
        return "—"
    bps = (part * 20000 + whole) // (2 * whole)
    return f"{bps // 100}.{bps % 100:02d}%"
