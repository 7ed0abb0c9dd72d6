"""Architectures, and what can be computed of them."""
