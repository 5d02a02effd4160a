"""Acts on the log: begin it, number what waits, put checkpoints out, and tell what is in it."""
