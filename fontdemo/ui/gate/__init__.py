"""What stands between strangers and the page: hosts, addresses, sizes, crowds, uploads, events."""
