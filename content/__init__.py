"""The answers, their review and their publication."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""The content that comes with the program: the seed, and the model of the exchange format."""
