"""Pictures made from held-out glyphs as people bring them: tight crops, a sheet on a desk, signs, scans.

Each maker takes one character's ink and a random generator and gives a picture of it that reading must cope with. They
differ from the augmentation (`train.loop.augment`), so that no network is measured on its own training
data. What the named sets hold is in `train.benchmark.sets.named`; nothing is read or measured here.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Rng = np.random.Generator
Ink = NDArray[np.float32]
Values = NDArray[np.float64]

#: (ink of the character, ink of another one, rng) -> picture; both inks float32 (h, w), cropped to their box, ink 1.
Maker = Callable[[Ink, Ink, Rng], Image.Image]


def cropped(image: NDArray[np.uint8]) -> Ink:
    """The ink of uint8 (H, W), ink 255, cut to its box: float32 (h, w) in 0..1."""
    solid = image > image.max() / 3
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    part = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.divide(part, 255, dtype=np.float32)


def _sized(ink: Ink, height: float) -> Ink:
    """`ink` scaled to this height in pixels, aspect kept."""
    scale = height / len(ink)
    size = max(1, round(ink.shape[1] * scale)), max(1, round(height))
    scaled = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)
    return np.asarray(np.clip(np.asarray(scaled, dtype=np.float32), 0, 1), dtype=np.float32)


def _picture(values: Values) -> Image.Image:
    """Values 0..255 as a grey picture."""
    return Image.fromarray(np.round(np.clip(values, 0, 255)).astype(np.uint8))


def _toned(cover: NDArray[np.floating], rng: Rng, dark: bool) -> Values:
    """The fraction of ink as tones 0..255 of a clear contrast: dark ink on light paper, or the other way round."""
    paper, ink = rng.uniform(215, 255), rng.uniform(0, 60)
    if not dark:
        paper, ink = ink, paper
    return np.asarray(paper + (ink - paper) * cover, dtype=np.float64)


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)


def plain(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """60 to 120 pixels high, dark or light, with a margin of a fifth to a half of that; clean."""
    small = _sized(ink, rng.uniform(60, 120))
    margin = round(rng.uniform(0.2, 0.5) * max(small.shape))
    return _picture(_toned(np.pad(small, margin), rng, rng.random() < 0.5))


def tight(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """20 to 40 pixels high, dark or light, cut with 0 to 2 pixels of margin at each side."""
    small = _sized(ink, rng.uniform(20, 40))
    margins = rng.integers(0, 3, 4).reshape(2, 2)
    return _picture(_toned(np.pad(small, margins), rng, rng.random() < 0.5))


def scanned(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """16 to 28 pixels high, its edges ragged by blur, grain and a threshold; specks; strokes of a neighbour at an edge.

    Half are left with grey edges, half are stored as JPEG.
    """
    small = _sized(ink, rng.uniform(16, 28))
    height, width = small.shape
    top, bottom, left, right = rng.integers(2, 7, 4)
    cover = np.pad(small, ((top, bottom), (left, right)))
    if rng.random() < 0.6:
        cover = _with_neighbour(cover, _sized(other, height), (top, bottom, left, right), rng)
    image = _picture(255 * cover.astype(np.float64))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8))), dtype=np.float64) / 255
    grain = rng.normal(0, rng.uniform(0.02, 0.12), soft.shape)
    ragged = soft + grain * (0.3 + 4 * soft * (1 - soft))
    if rng.random() < 0.5:
        ragged = (ragged > rng.uniform(0.35, 0.6)).astype(np.float64)
    for _ in range(rng.integers(0, 5)):
        y, x = rng.integers(ragged.shape[0]), rng.integers(ragged.shape[1])
        ragged[y, x] = 1
    picture = _picture(_toned(ragged, rng, rng.random() < 0.8))
    return _jpeg(picture, int(rng.integers(40, 90))) if rng.random() < 0.5 else picture


def _with_neighbour(cover: Ink, other: Ink, margins: tuple[int, int, int, int], rng: Rng) -> Ink:
    """`cover` with the outermost columns of `other` in its left or right margin, a pixel at least away from the ink."""
    top, _, left, right = margins
    at_left = rng.random() < 0.5
    room = int(left if at_left else right) - 1
    wide = min(room, other.shape[1], int(rng.integers(1, 4)))
    if wide < 1:
        return cover
    found: Ink = cover.copy()
    rows = slice(top, top + len(other))
    if at_left:
        found[rows, :wide] = other[:, -wide:]
    else:
        found[rows, -wide:] = other[:, :wide]
    return found


def desk(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """A light sheet with the character on it, turned by up to 4 degrees on a darker desk, in uneven light, as a phone
    takes it.
    """
    return _photo(_sheet(ink, rng), rng)


def rough_desk(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """`desk` with one more hardship each: ruled, squared or creased paper, cut by the frame, a second sheet, a dark
    slate written in chalk, or a shadow across.
    """
    hardship = rng.integers(6)
    if hardship == 3:
        return _photo(_sheet(ink, rng), rng, second=_sheet(other, rng))
    if hardship == 4:
        slate = Image.eval(_sheet(ink, rng), lambda value: 255 - value)
        return _photo(slate, rng, ground=rng.uniform(150, 220))
    sheet = _sheet(ink, rng)
    if hardship == 0:
        _rule(sheet, rng)
    if hardship == 1:
        sheet = _creased(sheet, rng)
    return _photo(sheet, rng, cut=hardship == 2, shadow=hardship == 5)


def page(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """A ruled, squared or punched page, or one with the sharp edge of a shadow across; or a note on a desk, far off."""
    hardship = rng.integers(5)
    if hardship == 4:
        note = _sheet(ink, rng)
        width, height = (round(side * rng.uniform(2.4, 3.4)) for side in note.size)
        scene = _picture(rng.uniform(50, 130) + rng.uniform(3, 10) * _rough((height, width), rng))
        _lay(scene, note, (round(rng.uniform(0.1, 0.6) * width), round(rng.uniform(0.1, 0.6) * height)), rng)
        return _jpeg(scene.filter(ImageFilter.GaussianBlur(0.6)), int(rng.integers(70, 95)))
    sheet = _sheet(ink, rng)
    if hardship < 2:
        _rule(sheet, rng, shade=(70, 120), squares=float(hardship))
    values = np.asarray(sheet, dtype=np.float64)
    down, across = np.mgrid[-0.5 : 0.5 : len(values) * 1j, -0.5 : 0.5 : values.shape[1] * 1j]
    if hardship == 2:
        angle = rng.uniform(0, 2 * np.pi)
        far = np.cos(angle) * across + np.sin(angle) * down + rng.uniform(-0.15, 0.15)
        values = values * (1 - rng.uniform(0.3, 0.5) / (1 + np.exp(-far / 0.008)))
    if hardship == 3:
        for hole_at in (-0.3, 0.3):
            hole = np.hypot(across + 0.44, (down - hole_at) * len(values) / values.shape[1]) < 0.035
            values[hole] = rng.uniform(30, 90)
    return _picture(values + rng.normal(0, rng.uniform(1, 4), values.shape))


def sign(ink: Ink, other: Ink, rng: Rng) -> Image.Image:
    """In a ring, in one drawn by hand, in the outline of a tile, or in the paper's tone on a disc or on a tile."""
    character = _sized(ink, rng.uniform(60, 110))
    kind, (height, width) = rng.integers(5), character.shape
    side = round(rng.uniform(1.5, 2.1) * float(np.hypot(height, width)))
    shape = Image.new("L", (side, side))
    pen, line = ImageDraw.Draw(shape), int(rng.integers(2, 7))
    if kind == 1:
        angles = np.linspace(0, rng.uniform(6.1, 6.8), 60) + rng.uniform(0, 2 * np.pi)
        radii = 0.4 * side * (1 + 0.04 * np.sin(2 * angles) + np.linspace(0, rng.uniform(-0.06, 0.06), 60))
        points = side / 2 + radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        pen.line(points.ravel().tolist(), fill=255, width=line, joint="curve")
    else:
        box, corner = (0.08 * side, 0.08 * side, 0.92 * side, 0.92 * side), side * (0.42 if kind in (0, 3) else 0.17)
        pen.rounded_rectangle(box, corner, fill=255 * int(kind > 2), outline=255, width=line)
    cover = np.asarray(shape, dtype=np.float64) / 255
    part = cover[(side - height) // 2 :, (side - width) // 2 :][:height, :width]
    part[:] = part * (1 - character) if kind > 2 else np.maximum(part, character)
    values = _toned(cover, rng, rng.random() < 0.5)
    return _picture(values + rng.normal(0, rng.uniform(0, 4), values.shape))


def _sheet(ink: Ink, rng: Rng) -> Image.Image:
    """A sheet with the character 70 to 130 pixels high: mode L."""
    character = _sized(ink, rng.uniform(70, 130))
    height, width = (round(side + rng.uniform(0.9, 2.2) * max(character.shape)) for side in character.shape)
    top = round(rng.uniform(0.35, 0.65) * (height - len(character)))
    left = round(rng.uniform(0.35, 0.65) * (width - character.shape[1]))
    paper, tone = rng.uniform(195, 245), rng.uniform(15, 75)
    values = np.full((height, width), paper)
    part = values[top : top + len(character), left : left + character.shape[1]]
    part += (tone - paper) * character
    return _picture(values)


def _rule(sheet: Image.Image, rng: Rng, shade: tuple[float, float] = (25, 60), squares: float = 0.5) -> None:
    """Thin lines across the sheet, darker than the paper by `shade`; so often, 0..1, down it too."""
    draw, step = ImageDraw.Draw(sheet), int(rng.integers(22, 45))
    tone = round(np.asarray(sheet).max() - rng.uniform(*shade))
    over = sheet.copy()
    for y in range(int(rng.integers(5, step)), sheet.height, step):
        draw.line([(0, y), (sheet.width, y)], fill=tone)
    if rng.random() < squares:
        for x in range(int(rng.integers(5, step)), sheet.width, step):
            draw.line([(x, 0), (x, sheet.height)], fill=tone)
    # The ink was written over the lines.
    sheet.paste(over, mask=over.point(lambda value: 255 * (value < tone)))


def _creased(sheet: Image.Image, rng: Rng) -> Image.Image:
    """The sheet folded once and opened again: one side of the fold a little darker, the fold itself a thin shade."""
    values = np.asarray(sheet, dtype=np.float64)
    down, across = np.mgrid[: values.shape[0], : values.shape[1]]
    angle = rng.uniform(0, np.pi)
    distance = (np.cos(angle) * (across - values.shape[1] * rng.uniform(0.3, 0.7))
                + np.sin(angle) * (down - values.shape[0] * rng.uniform(0.3, 0.7)))  # fmt: skip
    shade = 1 - rng.uniform(0.05, 0.15) * (distance > 0) - rng.uniform(0.05, 0.15) * np.exp(-((distance / 1.5) ** 2))
    return _picture(values * shade)


def _photo(
    sheet: Image.Image,
    rng: Rng,
    *,
    ground: float | None = None,
    cut: bool = False,
    second: Image.Image | None = None,
    shadow: bool = False,
) -> Image.Image:
    """The sheet on a desk of tone `ground`. cut: one of its sides lies beyond the picture. second: half in the picture
    beside it. shadow: of something, with a soft rim, across it all.
    """
    width, height = (round(side * rng.uniform(1.25, 1.7)) for side in sheet.size)
    if second is not None:
        width = round(1.2 * sheet.width + rng.uniform(0.3, 0.6) * second.width)
    ground = rng.uniform(40, 125) if ground is None else ground
    scene = _picture(ground + rng.uniform(3, 12) * _rough((height, width), rng))
    left = round(rng.uniform(0.3, 0.7) * (width - sheet.width)) if second is None else width // 15
    top = round(rng.uniform(0.3, 0.7) * (height - sheet.height))
    if cut:
        left, top = ((-sheet.width // 12, top), (left, -sheet.height // 12))[rng.integers(2)]
    _lay(scene, sheet, (left, top), rng)
    if second is not None:
        _lay(scene, second, (left + sheet.width + width // 15, top), rng)
    values = np.asarray(scene, dtype=np.float64)
    down, across = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * across + np.sin(angle) * down
    values = values * (1 - rng.uniform(0.05, 0.3) * (slope + 0.7))
    if shadow:
        rim = 1 / (1 + np.exp(-(np.sin(angle) * across - np.cos(angle) * down + rng.uniform(-0.15, 0.15)) / 0.02))
        values = values * (1 - rng.uniform(0.2, 0.4) * rim)
    values = np.asarray(_picture(values).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.2))), dtype=np.float64)
    return _jpeg(_picture(values + rng.normal(0, rng.uniform(1, 5), values.shape)), int(rng.integers(70, 95)))


def _lay(scene: Image.Image, sheet: Image.Image, corner: tuple[int, int], rng: Rng) -> None:
    """Paste the sheet, turned by up to 4 degrees about its middle."""
    turn = rng.uniform(-4, 4)
    whole = Image.new("L", sheet.size, 255).rotate(turn, Image.Resampling.BICUBIC, expand=True)
    turned = sheet.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    at = corner[0] - (turned.width - sheet.width) // 2, corner[1] - (turned.height - sheet.height) // 2
    scene.paste(turned, at, whole)


def _rough(shape: tuple[int, int], rng: Rng) -> Values:
    """The desk's surface: noise of mean 0 and spread 1 that changes slowly along it and faster across, as wood does."""
    fine = rng.normal(0, 1, shape)
    soft = np.asarray(Image.fromarray(fine.astype(np.float32)).resize((max(2, shape[1] // 40), shape[0] // 2))
                      .resize((shape[1], shape[0]), Image.Resampling.BILINEAR), dtype=np.float64)  # fmt: skip
    return np.asarray((soft - soft.mean()) / max(float(soft.std()), 1e-6))


MAKERS: dict[str, Maker] = {"plain": plain, "tight": tight, "desk": desk, "rough desk": rough_desk, "page": page,
                            "sign": sign, "scanned": scanned}  # fmt: skip
