"""The tabs about training, one folder each."""
