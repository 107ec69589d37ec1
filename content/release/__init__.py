"""Releases: examined, published and taken back."""
