"""From the fonts on a machine to a weights folder."""
