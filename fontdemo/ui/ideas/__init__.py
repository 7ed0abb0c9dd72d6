"""The Ideas tab: the report's background as a lesson to play with."""
