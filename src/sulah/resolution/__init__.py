"""What can be agreed?  Promises, plans, restructuring, settlement, hardship."""
