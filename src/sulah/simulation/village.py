"""The village: sixteen named, fictitious people, one story each, the same in tests, documentation and demo.

Everything is told in days before the last day T, so the same figures hold whatever T is.  EXPECTED was worked out by hand from
the rules (dpd: unpaid at the end of the due date is day 1; NPA from the 91st day-end; borrower-wise), not by this program.
"""

from dataclasses import dataclass

from sulah.kernel.terms import Frequency
from sulah.simulation.account import Centre
from sulah.simulation.places import FLOODED_PINCODE, MADHUBANI, NASHIK, SALEM, Branch


@dataclass(frozen=True, slots=True)
class Villager:
    """One person of the cast; died = (days before T, days before T on which the lender learned of it)."""

    borrower_id: str
    name: str
    language: str
    gender: str
    branch: Branch
    centre_id: str
    pincode: str
    occupation: str
    story: str
    died: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """Instalments first..last, each paid so many days late, in a share of it, booked so many days after.

    on = days before T on which all of them were paid at once.
    """

    first: int
    last: int
    late: int = 0
    share: tuple[int, int] = (1, 1)
    mode: str = "cash"
    booked_after: int = 0
    on: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One loan of the cast: instalments of equal heads in rupees, the first due so many days before T, then every step days.

    monthly_on tells a monthly loan by day of the month instead.  All *_ago are days before T.
    """

    loan_id: str
    borrower_id: str
    product: str
    frequency: Frequency
    count: int
    principal: int
    interest: int
    first_ago: int
    paid: tuple[Paid, ...]
    step: int = 7
    monthly_on: int = 0
    secured: bool = False
    returned: tuple[int, int] | None = None
    refused: tuple[int, ...] = ()
    restructured_ago: int | None = None
    eased: tuple[int, int, int, int, int] | None = None
    written_off_ago: int | None = None
    closed_ago: int | None = None
    quirk: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """Where a loan stands at day-end T: overdue and advance in rupees; npa and upgraded in days before T."""

    dpd: int
    dpd_elapsed: int
    overdue: int
    bucket: str
    sma: str
    asset_class: str
    npa_ago: int | None = None
    upgraded_ago: int | None = None
    advance: int = 0


CENTRES = (
    Centre("C-VIL-1", MADHUBANI.branch_id, "Rampatti Mahila Kendra", 1, "09:30", FLOODED_PINCODE, 263460, 860715, "O-MDB-00"),
    Centre("C-VIL-2", NASHIK.branch_id, "Panchavati Mahila Kendra", 3, "10:00", "422003", 200680, 738103, "O-NSK-00"),
    Centre("C-VIL-3", SALEM.branch_id, "Ammapet Magalir Kuzhu", 4, "09:00", "636014", 116647, 781990, "O-SLM-00"),
)

_F, _M = "female", "male"
VILLAGERS = (
    Villager("V01", "Meena Devi", "hi", _F, MADHUBANI, "", "847102", "tailoring", "Pays on the 5th every month."),
    Villager("V02", "Savitri Kumari", "hi", _F, MADHUBANI, "C-VIL-1", "847109", "dairy", "Pays half of every instalment."),
    Villager("V03", "Rukhsana Bano", "hi", _F, MADHUBANI, "C-VIL-1", "847109", "handicraft", "Paid every week, then silent for six weeks."),
    Villager("V04", "Lakshmi Raman", "ta", _F, SALEM, "C-VIL-3", "636014", "dairy", "Her phone is dead; pays in person three days late."),
    Villager("V05", "Suresh Patil", "mr", _M, NASHIK, "", "422003", "factory_worker", "His debit failed; he complained about the calls."),
    Villager(
        "V06", "Anita Jadhav", "mr", _F, NASHIK, "C-VIL-2", "422003", "kirana_shop", "Two loans: the group loan is paid, the other is bad."
    ),
    Villager("V07", "Gopal Mandal", "mai", _M, MADHUBANI, "C-VIL-1", "847213", "farm_labour", "Died last week.", (6, 5)),
    Villager("V08", "Sunita Sahni", "mai", _F, MADHUBANI, "C-VIL-1", FLOODED_PINCODE, "farm_labour", "A flood in her PIN code."),
    Villager(
        "V09", "Farida Khatoon", "hi", _F, MADHUBANI, "C-VIL-1", "847213", "handicraft", "Paid two instalments ahead before a journey."
    ),
    Villager(
        "V10", "Ramesh Yadav", "hi", _M, MADHUBANI, "", "847231", "kirana_shop", "His cheque came back five days after it was posted."
    ),
    Villager("V11", "Kavitha Velu", "ta", _F, SALEM, "", "636008", "tailoring", "Her loan was restructured; she pays the new terms."),
    Villager(
        "V12", "Shanti Ram", "hi", _F, MADHUBANI, "C-VIL-1", "847239", "dairy", "Was NPA, cleared all arrears, and is standard again."
    ),
    Villager(
        "V13", "Vijay Shinde", "mr", _M, NASHIK, "", "422010", "factory_worker", "NPA; paid a part, which does not make him standard."
    ),
    Villager(
        "V14",
        "Indu Sah",
        "hi",
        _F,
        MADHUBANI,
        "C-VIL-1",
        "847239",
        "vegetable_vendor",
        "Paid on time; the receipt was booked eleven days late.",
    ),
    Villager("V15", "Geeta Thakur", "hi", _F, MADHUBANI, "C-VIL-1", "847109", "vegetable_vendor", "Written off; the claim goes on."),
    Villager("V16", "Uma Natarajan", "ta", _F, SALEM, "C-VIL-3", "636014", "tailoring", "Finished her loan last week."),
)

_W, _FOUR, _MON = Frequency.WEEKLY, Frequency.FOUR_WEEKLY, Frequency.MONTHLY
STORIES = (
    Story("VIL-01", "V01", "personal", _MON, 18, 2000, 400, 0, (Paid(1, 18, mode="upi"),), monthly_on=5),
    Story("VIL-02", "V02", "jlg", _W, 50, 440, 60, 136, (Paid(1, 20, share=(1, 2)),)),
    Story("VIL-03", "V03", "jlg", _W, 50, 440, 60, 139, (Paid(1, 14),)),
    Story("VIL-04", "V04", "jlg", _W, 50, 440, 60, 107, (Paid(1, 15, late=3),)),
    Story("VIL-05", "V05", "two_wheeler", _FOUR, 24, 3000, 700, 220, (Paid(1, 7, mode="nach"),), step=28, secured=True, refused=(8,)),
    Story("VIL-06A", "V06", "jlg", _W, 50, 440, 60, 138, (Paid(1, 20),)),
    Story("VIL-06B", "V06", "personal", _FOUR, 18, 2000, 400, 203, (Paid(1, 3, mode="upi"),), step=28),
    Story("VIL-07", "V07", "jlg", _W, 50, 440, 60, 80, (Paid(1, 11),)),
    Story("VIL-08", "V08", "jlg", _W, 50, 440, 60, 122, (Paid(1, 12),)),
    Story("VIL-09", "V09", "jlg", _W, 50, 440, 60, 64, (Paid(1, 10), Paid(11, 12, on=1))),
    Story("VIL-10", "V10", "personal", _FOUR, 18, 2000, 400, 156, (Paid(1, 6, mode="cheque"),), step=28, returned=(6, 11)),
    Story(
        "VIL-11",
        "V11",
        "personal",
        _FOUR,
        12,
        3000,
        600,
        200,
        (Paid(1, 5, mode="upi"), Paid(6, 7, mode="upi")),
        step=28,
        restructured_ago=60,
        eased=(6, 14, 1500, 300, 32),
    ),
    Story("VIL-12", "V12", "jlg", _W, 50, 440, 60, 190, (Paid(1, 10), Paid(11, 27, on=3), Paid(28, 28))),
    Story(
        "VIL-13",
        "V13",
        "two_wheeler",
        _FOUR,
        24,
        3000,
        700,
        243,
        (Paid(1, 4, mode="upi"), Paid(5, 8, mode="upi", on=10)),
        step=28,
        secured=True,
        quirk="upgrades_on_part_payment",
    ),
    Story("VIL-14", "V14", "jlg", _W, 50, 440, 60, 68, (Paid(1, 8), Paid(9, 9, booked_after=11), Paid(10, 10))),
    Story("VIL-15", "V15", "jlg", _W, 50, 440, 60, 390, (Paid(1, 20),), written_off_ago=40),
    Story("VIL-16", "V16", "jlg", _W, 50, 440, 60, 350, (Paid(1, 50),), closed_ago=7),
)

FLOOD_FROM_AGO, FLOOD_TO_AGO, FLOOD_KNOWN_AGO = 30, -30, 28
"""The calamity window of the flooded PIN code: 30 days before T to 30 days after, entered two days after it began; dpd stands still."""

EXPECTED = {
    # All dues up to T paid on their day.
    "VIL-01": Expected(0, 0, 0, "current", "none", "standard"),
    # 20 due, half of each paid = 10 settled; the 11th was due 136 - 70 = 66 days ago.
    "VIL-02": Expected(67, 66, 5000, "61-90", "sma_2", "standard"),
    # The 15th was due 139 - 98 = 41 days ago; six are open.
    "VIL-03": Expected(42, 41, 3000, "31-60", "sma_1", "standard"),
    # The 16th was due 107 - 105 = 2 days ago and will be paid tomorrow.
    "VIL-04": Expected(3, 2, 500, "1-30", "sma_0", "standard"),
    # The 8th was due 220 - 196 = 24 days ago.
    "VIL-05": Expected(25, 24, 3700, "1-30", "sma_0", "standard"),
    # Nothing open on this loan, but the class is hers and not the loan's.
    "VIL-06A": Expected(0, 0, 0, "current", "none", "sub_standard", npa_ago=29),
    # The 4th was due 203 - 84 = 119 days ago: day 91 was 119 - 90 = 29 days ago; five are open.
    "VIL-06B": Expected(120, 119, 12000, "91-180", "none", "sub_standard", npa_ago=29),
    # The 12th was due 80 - 77 = 3 days ago.
    "VIL-07": Expected(4, 3, 500, "1-30", "sma_0", "standard"),
    # The 13th was due 122 - 84 = 38 days ago: 39 day-ends, 31 of them inside the window; six are open.
    "VIL-08": Expected(8, 7, 3000, "1-30", "sma_0", "standard"),
    # 10 due, 12 paid.
    "VIL-09": Expected(0, 0, 0, "current", "none", "standard", advance=1000),
    # The 6th was due 156 - 140 = 16 days ago; its cheque came back 11 days ago.
    "VIL-10": Expected(17, 16, 2400, "1-30", "sma_0", "standard"),
    # NPA at once when restructured; the year of watch has only begun.
    "VIL-11": Expected(0, 0, 0, "current", "none", "sub_standard", npa_ago=60),
    # NPA when the 11th (due 120 days ago) reached day 91; all arrears paid 3 days ago.
    "VIL-12": Expected(0, 0, 0, "current", "none", "standard", upgraded_ago=3),
    # NPA when the 5th (due 131 days ago) reached day 91; the 9th, due 19 days ago, is still open.
    "VIL-13": Expected(20, 19, 3700, "1-30", "none", "sub_standard", npa_ago=41),
    # Everything is paid and, since yesterday, booked.
    "VIL-14": Expected(0, 0, 0, "current", "none", "standard"),
    # The 21st was due 390 - 140 = 250 days ago; thirty are open.
    "VIL-15": Expected(251, 250, 15000, "181-365", "none", "loss", npa_ago=160),
    # The 50th was due 350 - 343 = 7 days ago and paid.
    "VIL-16": Expected(0, 0, 0, "current", "none", "standard"),
}
