"""The day cycle: steps, statements, runner, ledger, faults."""
