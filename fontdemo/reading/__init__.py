"""Glyph and network to a Reading: the answer, its probabilities, what every stage made of it."""
