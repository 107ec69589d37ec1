"""The answers, their review and their publication."""
