"""How often each oddity of a lender's extract occurs in a random book; each a rate between 0 and 1."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Oddities:
    """Rates per loan unless said otherwise; 0 switches an oddity off, 1 makes it happen wherever it can."""

    total_only: float = 0.2
    total_below_principal: float = 0.05  # of the total-only loans
    charges: float = 0.15
    zero_due: float = 0.1
    same_due_date: float = 0.08
    gap_before_first: float = 0.1
    silence: float = 0.04  # per due date: stops paying for weeks or months
    part_payment: float = 0.12  # per payment
    one_paisa_short: float = 0.04  # per payment
    advance: float = 0.05  # per payment
    overpayment: float = 0.02  # per payment
    reversal: float = 0.06  # per payment
    partial_reversal: float = 0.3  # of the reversals
    bounced_from_start: float = 0.03  # per payment
    bounced_later: float = 0.03  # per payment
    changed_amount: float = 0.02  # per payment
    changed_date: float = 0.02  # per payment
    vanished: float = 0.015  # per payment
    booked: float = 0.5  # per payment: has booked_at
    booked_late: float = 0.15  # of the booked
    booked_before_own_date: float = 0.03  # of the booked
    booked_after_load: float = 0.05  # of the booked late: in the load all the same
    known_late: float = 0.06  # per payment: comes with a later load than it could
    reschedule: float = 0.12
    whole_reschedule: float = 0.35  # of the re-schedules
    second_reschedule: float = 0.2  # of the re-schedules
    reschedule_ahead: float = 0.2  # of the re-schedules: told before it takes effect
    reschedule_late: float = 0.3  # of the re-schedules: told after
    changed_rows: float = 0.06
    relief_person: float = 0.1  # per borrower
    relief_places: float = 0.3  # per PIN code
    relief_counts: float = 0.4  # of the windows
    relief_open: float = 0.2  # of the windows
    relief_late: float = 0.3  # of the windows
    moratorium: float = 0.05
    opening: float = 0.08  # per borrower
    lender_npa: float = 0.7  # of the openings that are NPA by our count
    ended_first: float = 0.06
    ended_later: float = 0.08
    written_off_first: float = 0.03
    written_off_later: float = 0.05
    restructured: float = 0.06
    restructured_late: float = 0.3  # of the restructured
    co_lent: float = 0.05
    deceased: float = 0.02  # per borrower

    def without(self, *names: str) -> "Oddities":
        """The same with some oddities switched off; TypeError for a name that is none.

        >>> Oddities().without("vanished", "reversal").reversal
        0.0
        """
        return replace(self, **dict.fromkeys(names, 0.0))


NONE = Oddities().without(*Oddities.__dataclass_fields__)
"""Every borrower pays every instalment on its due date."""
