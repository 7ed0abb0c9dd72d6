"""Data sets: built, packed, joined, exchanged."""
