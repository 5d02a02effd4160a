"""The acts on facts of contact and on contacts themselves, one a file; each holds the role and the reach of who does it, and audits."""
