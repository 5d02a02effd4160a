"""Readers of lender systems: files now, APIs later."""
