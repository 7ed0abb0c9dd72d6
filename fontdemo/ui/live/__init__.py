"""The network in the browser: scripts that read, explain and change it, without the server. See network.js."""
