"""The guard: what it permits and refuses, and its set-based twin."""
