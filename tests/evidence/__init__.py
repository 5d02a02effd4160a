"""What a lender hands to outsiders, and what they can find out with it."""
