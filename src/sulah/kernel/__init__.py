"""Words and values that every room shares: money in paise, business dates, terms, findings."""
