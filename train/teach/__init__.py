"""A network learns one person's hand, in seconds."""
