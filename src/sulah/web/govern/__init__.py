"""Pages of compliance, validation and inspection."""
