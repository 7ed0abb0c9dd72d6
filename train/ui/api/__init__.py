"""Public endpoints that train, where visitors may; an agent's tools too. docs/api.md shows how to call them."""
