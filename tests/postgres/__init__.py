"""The same lender on SQLite and on PostgreSQL."""
