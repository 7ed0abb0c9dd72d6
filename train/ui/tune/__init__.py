"""The Tune tab: a search, started, watched, stopped."""
