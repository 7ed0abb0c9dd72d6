"""Gradio's queue: which event is the next."""
