"""Can an outsider check us?  Merkle log, checkpoints, receipts, verification, with no framework and no I/O."""
