"""Between a press on Start and a process that trains: one that stands by, and the line of those who wait."""
