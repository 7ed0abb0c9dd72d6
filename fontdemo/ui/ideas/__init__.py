"""The Ideas tab: the report's background as something to play with."""
