"""How well and how fast networks read."""
