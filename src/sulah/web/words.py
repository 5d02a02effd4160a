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
    "nobody": "Nobody (on hold)",
    "system": "System (digital)",
    "day_count": "Day count",
    "asset_limit": "SMA and NPA limits",
    "asset_age": "Age of an NPA",
    "waterfall": "Order of settling",
    "stage": "Stage ladder",
    "bucket": "Buckets",
    "load_threshold": "Load thresholds",
    "restructure": "Restructuring",
    "upgrade": "Upgrade",
    "provision": "Provisioning",
    "held": "Held for approval",
    "digital_sequence_self_service": "Digital sequence, self-service",
    "agent_call_restructuring_talk": "Agent call, restructuring talk",
    "field_visit_high_ticket": "Field visit, high ticket",
    "settlement_talk_legal_warning_visit": "Settlement talk, legal warning, visit",
}

_SHORT = frozenset({"npa", "sma", "jlg", "mfi", "nbfc", "sfb", "nach", "upi", "dpd", "lms", "emi"})


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


def grouped(number: int) -> str:
    """A count with Indian grouping.

    >>> grouped(1234567), grouped(-999)
    ('12,34,567', '-999')
    """
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ("-" if number < 0 else "") + (",".join([*groups, tail]) if head else tail)


def share(part: int, whole: int) -> str:
    """A share in percent with two decimals, rounded half up; a dash of nothing.

    >>> share(1, 3), share(1, 0)
    ('33.33%', '—')
    """
    if not whole:
        return "—"
    bps = (part * 20000 + whole) // (2 * whole)
    return f"{bps // 100}.{bps % 100:02d}%"
