"""The training loop: no paths, no page."""
