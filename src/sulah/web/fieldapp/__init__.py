"""Pages of the field officer, made for a cheap phone without network."""
