"""SMS through a DLT HTTP gateway: settings, templates, wire format and reports; docs/operate/sms.md says whose."""
