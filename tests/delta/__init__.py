"""Deltas: both routes end in the same tables; what a delta may say, and what it may not."""
