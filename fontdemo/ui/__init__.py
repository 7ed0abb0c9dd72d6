"""The page's tabs, one module each, wiring only: no tensors, no formulas, no HTML of their own."""
