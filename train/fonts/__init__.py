"""The typefaces of this machine: found, inspected, sorted, rendered."""
