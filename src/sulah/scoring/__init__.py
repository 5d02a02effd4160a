"""How likely is each outcome?  Pay, respond, self-cure, roll forward: four separate propensities."""
