"""Pages of the supervisor: the book today, differences, quarantine."""
