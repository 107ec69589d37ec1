"""The web chat: its channel, its page, and the frame for other sites."""
