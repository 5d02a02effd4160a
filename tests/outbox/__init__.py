"""The outbox, its workers, the sandbox gateway and the inbox: real processes, real sockets, real kills."""
