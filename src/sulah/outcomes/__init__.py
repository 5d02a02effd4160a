"""What happened, and why?  Dispositions, kept promises, attribution, labels."""
