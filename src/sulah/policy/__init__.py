"""What a lender may change: dated rows with a citation, the row in force on a date, and the check of gaps and overlaps."""
