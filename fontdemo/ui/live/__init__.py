"""The network in the browser: plain ES modules that read, explain and change it; no Python but this line."""
