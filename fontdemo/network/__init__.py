"""Architectures, and what can be computed of them.

A network is an ordered dict of named stages (network.py); architectures.py makes them of the layers in stages.py, and
pretrained.py loads and saves weights. From the stages are computed: shapes, parameters and formulas (describe.py,
formulas.py), other settings (what_if.py) and the report's argument about them (report_claims.py), what a cell sees
(receptive_field.py), what spoke for an answer (attribution.py), and what batch norm and dropout do (regularization.py).
"""
