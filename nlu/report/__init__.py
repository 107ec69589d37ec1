"""What an evaluation found, counted for comparing runs and drawn for people."""
