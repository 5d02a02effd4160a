"""What do we say, by which channel, when?  Templates, linter, sequence, timing, intents."""
