"""The folder into which the lender's mail server delivers what comes in."""
