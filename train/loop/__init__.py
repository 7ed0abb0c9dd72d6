"""The training loop: recipes, augmentation, steps and events. No paths, no page."""
