"""What should happen to each account?  Stage ladder, treatments, capacity, experiments."""
