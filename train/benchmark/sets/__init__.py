"""What networks are measured on: sets that are read from files, and sets that anyone can make by a seed."""
