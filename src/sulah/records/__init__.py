"""Django models, one file per aggregate, with the audit writer and the vault of personal data; nothing else owns a table."""
