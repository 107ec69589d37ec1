"""What the panel gets from the assistant around it."""
