"""Ageing and allocation cases that nobody here wrote, asserted through the real statements."""
