"""What the fuzzing and the damage are made of: odd values, spoilt bytes, and what opens them."""
