"""Glyph and network to a Reading: the answer, its probabilities, what every stage made of it.

Start with `reader.Reader`: `Reader.load(...).read(glyph)` gives a `Reading`; `wording.sentence` puts it in words.

- batching.py reads for many at once; readings.py keeps the last readings, so that all tabs share one.
- lookalikes.py decides whether the probabilities make an answer; among.py and letter_case.py, which characters and
  which case it may be; wording.py says it in words and as JSON.
- words.py reads several characters in a line; nearest.py finds the closest typefaces; compare.py sets two networks side
  by side; description.py describes a network to the browser's copy.
"""
