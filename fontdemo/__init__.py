"""What a character is, the networks, and reading one character. Never imports `train`."""
