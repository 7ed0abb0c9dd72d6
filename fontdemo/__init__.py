"""What a character is, the networks, and reading one character. Never imports `train`."""

__version__ = "0.1.0"
