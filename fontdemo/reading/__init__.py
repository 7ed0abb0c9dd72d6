"""Glyph and network to a Reading: the answer, its probabilities, what every stage made of it.

`reader.Reader` reads; readings.py keeps the last readings, so that all tabs share one; batching.py reads for many at
once. lookalikes.py decides whether the probabilities make an answer, letter_case.py and among.py which case and which
characters it may be, wording.py says it in words and as JSON, words.py reads several characters. nearest.py finds the
closest typefaces, compare.py sets two networks side by side.
"""
