"""The hostile lender pack: what real lenders send by mistake or by malice, and exactly what must come of it."""
