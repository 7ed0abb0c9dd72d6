"""The Read tab: draw or upload, the answer, and every stage of the network."""
