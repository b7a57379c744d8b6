"""Pixels of screenshots, and the bars in them."""

import struct
import zlib
from typing import NamedTuple


class Image(NamedTuple):
    width: int
    height: int
    rows: list  # of bytes, three a pixel

    def is_colour(self, x: int, y: int, colour: bytes) -> bool:
        return self.rows[y][3 * x:3 * x + 3] == colour


def decode_png(data: bytes) -> Image:
    """8-bit RGB or RGBA without interlacing, which is what browsers write."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, compressed, width, height, channels = 8, b"", 0, 0, 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, form, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and form in (2, 6) and not interlaced, (depth, form, interlaced)
            channels = {2: 3, 6: 4}[form]
        elif kind == b"IDAT":
            compressed += body
        at += 12 + length
    raw, stride = zlib.decompress(compressed), channels * width
    rows, before = [], bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        row = unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + stride]), before, channels)
        before = row
        rows.append(bytes(row) if channels == 3 else b"".join(bytes(row[i:i + 3]) for i in range(0, stride, 4)))
    return Image(width, height, rows)


def unfiltered(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    """One line of a PNG with its filter undone (PNG specification, section 9)."""
    for i in range(len(row)) if kind else ():
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = above[i]
        elif kind == 3:
            guess = (left + above[i]) // 2
        else:
            a, b, c = abs(above[i] - corner), abs(left - corner), abs(left + above[i] - 2 * corner)
            guess = left if a <= b and a <= c else above[i] if b <= c else corner
        row[i] = (row[i] + guess) & 255
    return row


def rgb(text: str) -> bytes:
    """A colour of the style sheet, "#0072b2"."""
    return bytes.fromhex(text.lstrip("#"))


def runs_of(image: Image, colour: bytes, y: int) -> list:
    """[start, end) of every stretch of exactly this colour in a line."""
    found, row, x = [], image.rows[y], 0
    while (start := find_pixel(row, colour, x)) >= 0:
        x = start
        while row[3 * x:3 * x + 3] == colour:
            x += 1
        found.append((start, x))
    return found


def find_pixel(row: bytes, colour: bytes, x: int) -> int:
    at = row.find(colour, 3 * x)
    while at >= 0 and at % 3:
        at = row.find(colour, at + 1)
    return at // 3 if at >= 0 else -1


class Bar(NamedTuple):
    left: int
    right: int
    top: int
    bottom: int


def horizontal_bars(image: Image, colour: bytes, thickness: int = 3) -> list:
    """Rectangles of exactly this colour, from top to bottom: equal stretches in at least so many lines below each other."""
    open_bars, bars = {}, []
    for y in range(image.height + 1):
        now = set(runs_of(image, colour, y)) if y < image.height else set()
        for stretch in list(open_bars):
            if stretch not in now:
                top = open_bars.pop(stretch)
                if y - top >= thickness:
                    bars.append(Bar(*stretch, top, y))
        for stretch in now:
            open_bars.setdefault(stretch, y)
    return sorted(bars, key=lambda bar: bar.top)


def turned(image: Image) -> Image:
    """The same picture with x and y exchanged: upright bars become horizontal ones."""
    rows = [b"".join(row[3 * x:3 * x + 3] for row in image.rows) for x in range(image.width)]
    return Image(image.height, image.width, rows)


def fitted_line(xs: list, ys: list) -> tuple:
    """(a, b) of the least squares y = a + b x."""
    n, mx, my = len(xs), sum(xs) / len(xs), sum(ys) / len(ys)
    assert n >= 2
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    return my - slope * mx, slope
