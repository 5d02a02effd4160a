"""E-mail by SMTP: settings, messages that nothing can be slipped into, and what comes back: bounces, complaints, stops and replies."""
