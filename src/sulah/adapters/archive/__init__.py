"""Archives that leave the lender: zip files of the same bytes for the same content, read back without trust."""
