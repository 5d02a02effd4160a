"""What does this rupee settle?  Waterfall, links, receipts, mandates, matching."""
