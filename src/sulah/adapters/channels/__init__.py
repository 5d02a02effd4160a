"""Channels that carry a message to a borrower; each send takes a Permit."""
