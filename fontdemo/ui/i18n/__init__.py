"""The page in Korean: a catalogue of its texts, each under the English one, and the script that swaps them in."""
