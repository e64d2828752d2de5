"""Bad pictures of good codes: what a camera gives of a phone held askew, shaken, too near, in the dark, under a lamp.

Pure and the same on every run: Pillow and seeded randomness, nothing measured. Each frame is a picture of 1280 x 720 in
grey, as a phone's camera gives it, with one code as the wallet draws it (alphanumeric, level L, quiet zone of four) in
its middle. Every kind of damage comes with a little of the others, for no real picture is bad in one way alone.
"""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Final

import qrcode
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageMath
from qrcode.util import QRData

from registry.format import base45, cbor, passcode

WIDTH, HEIGHT = 1280, 720
KINDS = ("tilt", "blur", "noise", "glare", "low light")
EACH = 12
"""Frames of a kind; with the five kinds sixty in all."""
SEED = 20211213
SIGNATURE = 64
VECTORS = Path(__file__).parents[1] / "tests" / "vectors" / "passcode.json"
FOCAL = 1100.0
"""Pixels: a phone's main camera at this size."""
ALPHANUMERIC: Final = 2
"""The mode of a QR (ISO 18004), as the library numbers it."""
MODULE = 10
"""Pixels of a module on the sheet, before the camera."""
MODULES = 69
"""A side of the wallet's code, with its quiet zone."""
DRAWS = 4


@dataclass(frozen=True)
class Damage:
    """How bad a picture is. Angles in degrees, lengths in pixels of the frame, light from 0 to 255."""

    side: float = 420.0
    """Of the code with its quiet zone, before it is tilted."""
    roll: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0
    softness: float = 0.5
    """Sigma of a lens that is out of focus."""
    shake: float = 0.0
    """How far the code moved while the picture was taken."""
    shake_angle: float = 0.0
    noise: float = 4.0
    """Standard deviation of the sensor's noise."""
    black: float = 25.0
    white: float = 225.0
    glare: float = 0.0
    """Radius of a lamp's reflection, in sides of the code."""
    glare_at: tuple[float, float] = (0.0, 0.0)
    """Where it lies, from the code's middle, in sides."""


@dataclass(frozen=True)
class Frame:
    """One picture, what is wrong with it and what its code says."""

    kind: str
    number: int
    text: str
    picture: Image.Image

    def png(self) -> bytes:
        file = io.BytesIO()
        self.picture.save(file, "PNG", compress_level=1)
        return file.getvalue()


def frames(kinds: tuple[str, ...] = KINDS, each: int = EACH) -> Iterator[Frame]:
    """The bad pictures, `each` of a kind, always the same ones."""
    for kind in kinds:
        for number in range(each):
            chance = random.Random(f"{SEED} {kind} {number}")
            text = payload(chance)
            yield Frame(kind, number, text, draw(text, damage(kind, number / max(1, each - 1), chance), chance))


def clean(number: int = 0) -> Frame:
    """A good picture, held still: what most frames at a door are."""
    chance = random.Random(f"{SEED} clean {number}")
    text = payload(chance)
    return Frame("clean", number, text, draw(text, Damage(), chance))


def empty(number: int = 0) -> Image.Image:
    """A picture without a code: what the camera sees between two guests."""
    chance = random.Random(f"{SEED} empty {number}")
    return _noisy(_scene(chance), 8.0, chance)


def payload(chance: random.Random) -> str:
    """A code of the pass format, of a phone's length and shape; its two signatures are drawn by lot."""
    listed = json.loads(VECTORS.read_text(encoding="utf-8"))["codes"]
    told = next(row["code"] for row in listed if row.get("verdict") == "PASS")
    strip, t, _proof = cbor.decode(base45.decode(told.removeprefix(passcode.PREFIX)))
    raw = strip[:-SIGNATURE] + chance.randbytes(SIGNATURE)
    return passcode.encode_code(raw, t + chance.randrange(80_000), chance.randbytes(SIGNATURE))


def damage(kind: str, much: float, chance: random.Random) -> Damage:
    """A kind of damage, `much` from 0 (as one sees it daily) to 1 (as bad as one would still expect to be read)."""
    between = chance.uniform
    some = Damage(
        side=between(380, 520), roll=between(-25, 25), pitch=between(-12, 12), yaw=between(-12, 12),
        softness=between(0.4, 0.9), noise=between(3, 8), shake=between(0, 1.5), shake_angle=between(0, 180),
        black=between(15, 45), white=between(190, 235),
    )  # fmt: skip
    if kind == "tilt":
        lean, way = 25 + 25 * much, between(0, 2 * math.pi)
        return replace(some, pitch=lean * math.sin(way), yaw=lean * math.cos(way), roll=between(-180, 180))
    if kind == "blur":
        if chance.random() < 0.5:
            return replace(some, softness=1.2 + 1.2 * much)
        return replace(some, shake=3 + 4 * much)
    if kind == "noise":
        return replace(some, noise=18 + 24 * much)
    if kind == "glare":
        # Anywhere but on two of the three corners by which a code is found, which no reader can do without.
        where = (between(-0.1, 0.4), between(-0.1, 0.4))
        return replace(some, glare=0.08 + 0.07 * much, glare_at=where)
    white = 95 - 45 * much
    return replace(some, black=white * between(0.12, 0.2), white=white, noise=6 + 3 * much, softness=between(0.6, 1.1))


def draw(text: str, bad: Damage, chance: random.Random) -> Image.Image:
    """The code in a scene, as the camera takes it."""
    back = _coefficients(bad)
    sheet = _sheet(text)
    scene = _scene(chance).point(lambda light: light * bad.white / 255)
    lit = sheet.point(lambda light: bad.black + (bad.white - bad.black) * light / 255)
    double = (2 * WIDTH, 2 * HEIGHT)
    there = Image.new("L", sheet.size, 255).transform(double, Image.Transform.PERSPECTIVE, back, fillcolor=0)
    code = lit.transform(double, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)
    scene.paste(code.reduce(2), (0, 0), there.reduce(2))
    if bad.glare:
        scene = _glaring(scene, bad)
    if bad.shake > 0.5:
        scene = _shaken(scene, bad.shake, bad.shake_angle)
    return _noisy(scene.filter(ImageFilter.GaussianBlur(bad.softness)), bad.noise, chance)


def _sheet(text: str) -> Image.Image:
    """The wallet's code on its white card; its quiet zone is the card's edge."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L, box_size=MODULE, border=4)
    code.add_data(QRData(text, mode=ALPHANUMERIC))
    code.make(fit=True)
    return code.make_image().get_image().convert("L")


def _coefficients(bad: Damage) -> tuple[float, ...]:
    """From a place in the frame, drawn at twice its size, back to a place on the sheet: Pillow's eight."""
    sheet = float(MODULE * MODULES)
    pitch, yaw, roll = (math.radians(angle) for angle in (bad.pitch, bad.yaw, bad.roll))
    away = FOCAL * sheet / bad.side
    sp, cp, sy, cy, sr, cr = (f(a) for a in (pitch, yaw, roll) for f in (math.sin, math.cos))
    across = (cy * cr, sp * sy * cr + cp * sr, -cp * sy * cr + sp * sr)
    down = (-cy * sr, -sp * sy * sr + cp * cr, cp * sy * sr + sp * cr)
    focal, left, top, half = 2 * FOCAL, float(WIDTH), float(HEIGHT), sheet / 2
    (a, d, g), (b, e, h) = ((focal * x + left * z, focal * y + top * z, z) for x, y, z in (across, down))
    c = left * away - (a + b) * half
    f = top * away - (d + e) * half
    i = away - (g + h) * half
    inverse = _inverse(((a, b, c), (d, e, f), (g, h, i)))
    return tuple(value / inverse[2][2] for row in inverse for value in row)[:8]


def _inverse(m: tuple[tuple[float, ...], ...]) -> list[list[float]]:
    """Of a 3 x 3 matrix, by its cofactors."""
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
    return [[value / det for value in row] for row in rows]


def _scene(chance: random.Random) -> Image.Image:
    """What is behind the phone: a room of soft light with edges in it."""
    room = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180))).resize((WIDTH, HEIGHT))
    room = room.point(lambda light: 70 + light * 0.4)
    pen = ImageDraw.Draw(room)
    for _thing in range(14):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        box = (x, y, x + chance.randrange(20, 320), y + chance.randrange(20, 240))
        (pen.rectangle if chance.random() < 0.6 else pen.ellipse)(box, fill=chance.randrange(30, 220))
    return room.filter(ImageFilter.GaussianBlur(3))


def _glaring(scene: Image.Image, bad: Damage) -> Image.Image:
    """A lamp's reflection: white in its middle, thinning out over twice its radius."""
    radius = bad.glare * bad.side
    x, y = WIDTH / 2 + bad.glare_at[0] * bad.side, HEIGHT / 2 + bad.glare_at[1] * bad.side
    lamp = Image.new("L", scene.size, 0)
    ImageDraw.Draw(lamp).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return ImageChops.add(scene, lamp.filter(ImageFilter.GaussianBlur(radius / 3)))


def _shaken(scene: Image.Image, length: float, angle: float) -> Image.Image:
    """The mean of the picture at every half pixel of the way."""
    steps = max(2, round(2 * length))
    dx, dy = length * math.cos(math.radians(angle)), length * math.sin(math.radians(angle))
    mean = scene
    for step in range(1, steps):
        way = (1, 0, dx * step / (steps - 1), 0, 1, dy * step / (steps - 1))
        moved = scene.transform(scene.size, Image.Transform.AFFINE, way, Image.Resampling.BILINEAR)
        mean = Image.blend(mean, moved, 1 / (step + 1))
    return mean


def _noisy(scene: Image.Image, sigma: float, chance: random.Random) -> Image.Image:
    """With the sensor's noise, `sigma` its standard deviation: the sum of a few even draws is close to normal."""
    size = WIDTH * HEIGHT
    draws = [Image.frombytes("L", scene.size, chance.randbytes(size)).convert("I") for _draw in range(DRAWS)]
    spread = sigma / math.sqrt(DRAWS * (256**2 - 1) / 12)
    middle = DRAWS * 127.5
    noise = reduce(_sum, draws).point(lambda value: value * spread + (0.5 - middle * spread))
    return _sum(scene.convert("I"), noise).convert("L")


def _sum(one: Image.Image, other: Image.Image) -> Image.Image:
    return ImageMath.lambda_eval(lambda given: given["one"] + given["other"], one=one, other=other)
