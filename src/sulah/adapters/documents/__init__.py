"""Documents for people: notices, receipts, letters."""
