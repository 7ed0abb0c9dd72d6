"""The page's public endpoints, which are an agent's tools too; docs/api.md shows how to call them."""
