"""Who visits whom, by which road?  Visits, routes, centres, cash."""
