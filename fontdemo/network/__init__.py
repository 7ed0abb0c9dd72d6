"""Architectures, and what can be computed of them.

Start with `network.Network`, an ordered dict of named stages, and `pretrained.load`, which reads one from a folder.

- architectures.py makes networks of the layers in stages.py; pretrained.py loads and saves their weights.
- Of the stages: shapes, parameters and formulas (describe.py, formulas.py), other settings (what_if.py), and the
  report's argument about them (report_claims.py).
- Of a glyph: what a cell sees (receptive_field.py), which ink and which maps speak for an answer (attribution.py), and
  what batch normalisation and dropout do (regularization.py).
"""
