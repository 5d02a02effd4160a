"""The whole pack: 22 classes of what lenders' files do to a system (reliability: LMS files)."""

from sulah.simulation.hostile.arrival import L1, L2, L3, L4, L5, L6, L7
from sulah.simulation.hostile.case import Case
from sulah.simulation.hostile.people import L16, L17, L18
from sulah.simulation.hostile.standing import L13, L14, L15
from sulah.simulation.hostile.text import L8
from sulah.simulation.hostile.traps import L19, L20, L21, L22
from sulah.simulation.hostile.values import L9, L10, L11, L12

CLASSES = {
    "L1": "the same file again",
    "L2": "the same date, other content",
    "L3": "an older date than the last",
    "L4": "cut off, or not what the manifest says",
    "L5": "rows or overdue swing too far",
    "L6": "empty, or a header only",
    "L7": "columns missing, renamed, in another order",
    "L8": "encodings, scripts, invisible characters, lone quotes",
    "L9": "dates",
    "L10": "amounts",
    "L11": "ids that a spreadsheet destroyed",
    "L12": "duplicates",
    "L13": "repayments for loans that nobody knows",
    "L14": "schedules that contradict themselves",
    "L15": "days past due other than the lender's",
    "L16": "loans that vanish",
    "L17": "people whom nobody may work",
    "L18": "back-dated, future and reversed payments",
    "L19": "phone numbers",
    "L20": "formulas, markup and code in names",
    "L21": "bombs, giants and traps",
    "L22": "rows of another lender",
}

PACK: tuple[Case, ...] = (
    *(*L1, *L2, *L3, *L4, *L5, *L6, *L7, *L8, *L9, *L10, *L11),
    *(*L12, *L13, *L14, *L15, *L16, *L17, *L18, *L19, *L20, *L21, *L22),
)
