"""What should people see?  Measures, dashboards, alerts, audit packs."""
