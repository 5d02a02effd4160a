"""The SMPP connection that sending and receiving share: bound, kept alive, and exact about how far each request came."""
