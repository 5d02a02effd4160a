"""The log on a disk: its files, the sequencer that numbers entries, and the memory of a witness."""
