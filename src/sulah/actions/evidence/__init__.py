"""Evidence on demand: what left the lender for an outsider, each time written down."""
