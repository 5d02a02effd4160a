"""Which step may be taken next?  Notices, clocks, limitation, dossier."""
