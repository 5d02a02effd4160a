"""The sandbox beside production, as strict as the provider."""
