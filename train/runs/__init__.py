"""A run's folder and the process that trains in it."""
