"""WhatsApp through Meta's Cloud API: settings, templates, wire format, answers and callbacks; see docs/operate/whatsapp.md."""
