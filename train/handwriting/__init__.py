"""Synthetic handwriting: letterforms, made-up writers, and the pen they write with."""
