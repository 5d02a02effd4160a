"""The vault: keys, erasure, and what stays."""
