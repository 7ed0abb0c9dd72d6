"""Handwriting: people's drawings from public collections, and made-up hands."""
