"""The report's experiments, run again and compared."""
