"""Is the extract complete and true?  Mapping, shape, validation, quarantine, the load report."""
