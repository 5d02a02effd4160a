"""The bench's programs give the same rows; what they cost is not tested here."""
