"""Two independent ways to the same figures, row by row."""
