"""From a run to the weights that ship."""
