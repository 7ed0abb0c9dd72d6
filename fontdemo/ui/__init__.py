"""The page, the only place in fontdemo with Gradio and HTML; one folder a tab."""
