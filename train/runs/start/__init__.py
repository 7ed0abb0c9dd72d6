"""Between a press on Start and a process that trains: one that is ready, and the line of those who wait."""
