"""What we say and how it goes out: templates, settings, wire format, patience."""
