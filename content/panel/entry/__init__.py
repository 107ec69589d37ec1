"""Signing in: passwords, second factors, links, an identity provider, and the staff's accounts."""
