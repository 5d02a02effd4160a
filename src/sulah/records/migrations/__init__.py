"""Database migrations of the records."""
