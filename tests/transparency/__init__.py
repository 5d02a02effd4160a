"""The log that outsiders check: the room, its files on a disk, and the verifier that knows nothing of either."""
