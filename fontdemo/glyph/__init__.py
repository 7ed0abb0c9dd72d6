"""A drawing or a picture to the 100x100 ink image. No torch."""
