"""What the guard must know of a person, what was decided, and every contact made: one file per aggregate.

`person` is always the lender's borrower id, never a name; a number is always its blind index, never its digits.
"""
