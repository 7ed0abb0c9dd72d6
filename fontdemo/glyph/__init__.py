"""A drawing or a picture to the 100x100 ink image. No torch.

Start with `glyph.from_drawing` and `glyph.from_picture`: both give a `Glyph`, the image and the steps that led to it.

- A drawing: strokes.py draws the pen's lines.
- A picture: picture.py opens the file; binarize.py decides what is ink and what is paper; connected.py and
  foreground.py keep the character and drop specks and frames; sheet.py finds a sheet on a desk; interpretations.py
  lists the ways to see the picture, likeliest first; segment.py finds the characters of a word.
- fit.py is the one way to crop and scale, and layout.py says where on the square a letter stands.
"""
