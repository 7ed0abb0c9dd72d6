"""The Train tab: start, watch, stop, resume a run; use what it learned."""
