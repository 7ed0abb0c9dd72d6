"""The Font tab: a font's characters, and which are misread."""
