"""A world of borrowers with known truth that writes the same files a lender sends; simulated, and labelled so."""
