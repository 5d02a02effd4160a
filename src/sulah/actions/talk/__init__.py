"""Acts on what borrowers say: read, answer, promise, complain, call back; each leaves its trace."""
