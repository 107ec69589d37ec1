"""What the bot does besides answering."""
