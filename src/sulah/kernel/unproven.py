"""What is said when something cannot be proven: one sentence for a person, never a traceback."""


class UnprovenError(ValueError):
    """A proof, note, receipt or code that does not hold or cannot be read; the words say what is wrong with it."""
