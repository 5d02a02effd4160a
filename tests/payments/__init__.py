"""The room that keeps written-off accounts: postings, waterfall, interest, trial balance."""
