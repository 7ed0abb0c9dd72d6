"""What a visitor sees and the browser runs."""
