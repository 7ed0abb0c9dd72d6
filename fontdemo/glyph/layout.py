"""Where a character stands in the square image: the two layouts and the guide lines of the drawing pad.

Layout `course`: one font size for all; drawn by Pillow's `draw.text((50, 50), ch, font, anchor="mm")` at size 100, so
small letters stay smaller than capitals and what sticks out is cut. Layout `fit`: the ink's bounding box, aspect kept,
scaled so that its longer side is FIT_SIDE pixels, and centred. Numbers only; nothing is drawn here.
"""

from __future__ import annotations

#: The image is SIDE x SIDE pixels.
SIDE = 100

#: Layout `course`: the font's size in pixels per em.
FONT_SIZE = 100

#: Layout `fit`: the longer side of the ink, in pixels.
FIT_SIDE = 72

LAYOUTS = ("course", "fit")

# Rows (0 = top edge of the image, SIDE = bottom edge) of layout `course`: medians over the upright text faces of
# packages.txt. CAPITAL_ROW is the upper edge of the ink of H, XHEIGHT_ROW that of x, BASELINE_ROW the lower edge of H.
CAPITAL_ROW = 13
XHEIGHT_ROW = 32
BASELINE_ROW = 82
