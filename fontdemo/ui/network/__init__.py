"""The Network tab: layers, parameters, and what changes if you change them."""
