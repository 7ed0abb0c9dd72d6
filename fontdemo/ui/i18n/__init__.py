"""The page in another language: its texts by the English ones, and the script that puts them in their place."""
