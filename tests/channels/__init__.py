"""Channels against the providers that are played on this machine, over real sockets."""
