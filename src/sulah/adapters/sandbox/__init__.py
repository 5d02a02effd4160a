"""Providers played by us, on this machine only and labelled simulated: as strict as the provider documents, never kinder."""
