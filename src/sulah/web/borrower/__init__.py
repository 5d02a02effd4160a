"""Pages of the borrower: what I owe and why."""
