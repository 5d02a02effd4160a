"""The day cycle: the list of steps, the runner that does, times, records and resumes, and the ledger of runs."""
