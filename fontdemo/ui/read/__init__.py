"""The Read tab: draw or upload, the answer, and the way through the network."""
