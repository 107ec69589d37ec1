"""Telegram: its channel, and what only it can do."""
