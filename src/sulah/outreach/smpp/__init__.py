"""SMPP 3.4 as bytes: units of the protocol, alphabets, long messages in parts, delivery receipts; nothing here opens a connection."""
