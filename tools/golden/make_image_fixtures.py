"""Writes tests/golden/data/image: small image files of many kinds and what Pillow makes of them.

    python tools/golden/make_image_fixtures.py [--out tests/golden/data/image]

Needs pillow (13 or later, for both orders of the resize's passes), numpy, and transformers for the `hf` transform.
The PNG files are written by this script itself, because Pillow writes neither all depths nor interlaced files. Every
expectation is computed by Pillow; the file says by which version. Patterns are computed, not drawn at random, so a second
run gives the same files wherever the encoders are the same.
"""

import argparse
import hashlib
import io
import json
import pathlib
import struct
import warnings
import zlib

import numpy as np
import PIL
from PIL import Image, features

warnings.simplefilter("ignore")
SIZES = [(16, 16), (64, 64), (33, 7), (5, 40), (23, 19)]  # (width, height)


def pattern(width, height, channels, peak=255):
    """Smooth gradients with hard edges and some high frequencies, different in every channel."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = []
    for c in range(channels):
        wave = 0.5 + 0.5 * np.sin(x * (0.3 + 0.2 * c) + y * (0.5 - 0.1 * c) + c)
        edge = ((x.astype(int) // 5 + y.astype(int) // 4 + c) % 3) / 2
        planes.append(0.6 * wave + 0.4 * edge)
    return np.round(np.stack(planes, axis=-1) * peak).astype(np.int64)


# --- PNG -----------------------------------------------------------------------------------------------------------

ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(name, data=b"", crc=None):
    crc = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)


def pack_rows(samples, depth):
    height, width, channels = samples.shape
    flat = samples.reshape(height, width * channels)
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in flat]
    if depth == 8:
        return [row.astype(np.uint8).tobytes() for row in flat]
    bits = ((flat[..., None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).reshape(height, -1)
    return [row.tobytes() for row in np.packbits(bits, axis=1)]


def filter_row(kind, row, previous, bpp):
    out = bytearray([kind])
    for i, value in enumerate(row):
        left = row[i - bpp] if i >= bpp else 0
        corner = previous[i - bpp] if i >= bpp else 0
        up = previous[i]
        p = left + up - corner
        distances = [(abs(p - left), left), (abs(p - up), up), (abs(p - corner), corner)]
        paeth = min(distances, key=lambda d: d[0])[1]
        out.append((value - [0, left, up, (left + up) // 2, paeth][kind]) & 255)
    return bytes(out)


def filtered(samples, depth, interlaced):
    bpp = max(1, samples.shape[-1] * depth // 8)
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    stream = b""
    for row0, column0, row_step, column_step in passes:
        part = samples[row0::row_step, column0::column_step]
        if part.size == 0:
            continue
        rows = pack_rows(part, depth)
        previous = bytes(len(rows[0]))
        for y, row in enumerate(rows):
            stream += filter_row((y * 3 + column0) % 5, row, previous, bpp)
            previous = row
    return stream


SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = chunk(b"IEND")


def ihdr(width, height, depth, colour, interlaced):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def palette(entries):
    return bytes(np.clip(pattern(entries, 1, 3).reshape(-1), 0, 255).astype(np.uint8))


def png(depth, colour, interlaced=False, size=(13, 11), extra=b"", split=0, level=9):
    width, height = size
    samples = pattern(width, height, CHANNELS[colour], (1 << depth) - 1)
    parts = SIGNATURE + ihdr(width, height, depth, colour, interlaced)
    if colour == 3:
        parts += chunk(b"PLTE", palette(1 << depth))
    data = zlib.compress(filtered(samples, depth, interlaced), level)
    pieces = [data[i : i + split] for i in range(0, len(data), split)] if split else [data]
    return parts + extra + b"".join(chunk(b"IDAT", piece) for piece in pieces) + END


def png_cases():
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for depth in depths:
            for interlaced in (False, True):
                yield f"png_c{colour}_d{depth}{'_i' if interlaced else ''}.png", png(depth, colour, interlaced)
    yield "png_1x1.png", png(8, 2, size=(1, 1))
    yield "png_1x1_i.png", png(8, 6, True, size=(1, 1))
    yield "png_3x200.png", png(8, 2, size=(3, 200))
    yield "png_split.png", png(8, 2, split=7)
    yield "png_empty_idat.png", png(8, 0, extra=chunk(b"IDAT"))
    yield "png_gamma.png", png(8, 2, extra=chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"sRGB", b"\0"))
    yield "png_trns_gray.png", png(8, 0, extra=chunk(b"tRNS", b"\0\x80"))
    yield "png_trns_rgb.png", png(8, 2, extra=chunk(b"tRNS", b"\0\1\0\2\0\3"))
    yield "png_trns_palette.png", png(4, 3, extra=chunk(b"tRNS", bytes(range(0, 160, 10))))
    yield "png_trns_one.png", png(4, 3, extra=chunk(b"tRNS", b"\xff\xff\0\xff"))
    yield "png_trns_short.png", png(8, 2, extra=chunk(b"tRNS", b"\0\1"))
    yield "png_private.png", png(8, 2, extra=chunk(b"prIv", b"anything"))
    yield "png_bad_private_crc.png", png(8, 2, extra=chunk(b"prIv", b"anything", crc=1))
    yield "png_bad_name.png", png(8, 2, extra=chunk(b"pr!v", b""))
    yield "png_text.png", png(8, 2, extra=chunk(b"zTXt", b"k\0\0" + zlib.compress(b"text" * 99)))
    yield "png_text_bomb.png", png(8, 2, extra=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(3 << 20))))
    yield "png_text_method.png", png(8, 2, extra=chunk(b"zTXt", b"k\0\1" + zlib.compress(b"text")))
    yield "png_profile_damaged.png", png(8, 2, extra=chunk(b"iCCP", b"name\0\0nonsense"))
    yield "png_profile_method.png", png(8, 2, extra=chunk(b"iCCP", b"name\0\7nonsense"))
    yield "png_itxt_bomb.png", png(8, 2, extra=chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(3 << 20))))
    yield "png_short_palette.png", png(4, 3).replace(chunk(b"PLTE", palette(16)), chunk(b"PLTE", palette(16)[:15]))
    part = struct.pack(">IIIIIHHBB", 0, 5, 4, 1, 1, 1, 10, 0, 0)
    yield "png_small_frame.png", png(8, 2, extra=chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", part))
    whole = struct.pack(">IIIIIHHBB", 0, 13, 11, 0, 0, 1, 10, 0, 0)
    animated = chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", whole)
    second = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 13, 11, 0, 0, 1, 10, 0, 0))
    second += chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(filtered(pattern(13, 11, 3)[::-1], 8, False)))
    yield "png_animated.png", png(8, 2, extra=animated).replace(END, second + END)
    base = png(8, 2)
    yield "png_no_end.png", base.replace(END, b"")
    yield "png_garbage_behind.png", base.replace(END, b"???????????????????")
    yield "png_chunk_cut_behind.png", base.replace(END, struct.pack(">I", 100) + b"tEXtabc")
    body = base.index(b"IDAT") + 4
    length = struct.unpack(">I", base[body - 8 : body - 4])[0]
    yield "png_bad_data_crc.png", base[: body + length] + b"\0\0\0\0" + base[body + length + 4 :]
    yield "png_bad_adler.png", base[: body + length - 1] + bytes([base[body + length - 1] ^ 1]) + base[body + length :]
    yield "png_bad_header_crc.png", base[:29] + b"\0\0\0\0" + base[33:]
    rows = filtered(pattern(13, 11, 3), 8, False)
    header = SIGNATURE + ihdr(13, 11, 8, 2, 0)
    yield "png_few_rows.png", header + chunk(b"IDAT", zlib.compress(rows[: 40 * 5])) + END
    yield "png_half_row.png", header + chunk(b"IDAT", zlib.compress(rows[: 40 * 5 + 9])) + END
    yield "png_bad_filter.png", header + chunk(b"IDAT", zlib.compress(b"\7" + rows[1:])) + END
    indexed = filtered(pattern(13, 11, 1, 15), 4, True)
    few = SIGNATURE + ihdr(13, 11, 4, 3, 1) + chunk(b"PLTE", palette(16)) + chunk(b"IDAT", zlib.compress(indexed[:2]))
    yield "png_few_rows_palette_i.png", few + END
    yield "png_zero_width.png", SIGNATURE + ihdr(0, 11, 8, 2, 0) + chunk(b"IDAT", zlib.compress(b"")) + END


# --- the other formats ---------------------------------------------------------------------------------------------


def save(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def other_cases():
    rgb = Image.fromarray(pattern(29, 21, 3).astype(np.uint8))
    gray = rgb.convert("L")
    cmyk = Image.fromarray(pattern(29, 21, 4).astype(np.uint8), "CMYK")
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"jpeg_{name}.jpg", save(rgb, "JPEG", quality=90, subsampling=sampling)
    yield "jpeg_low_quality.jpg", save(rgb, "JPEG", quality=5)
    yield "jpeg_progressive.jpg", save(rgb, "JPEG", progressive=True)
    yield "jpeg_gray.jpg", save(gray, "JPEG")
    yield "jpeg_gray_progressive.jpg", save(gray, "JPEG", progressive=True)
    yield "jpeg_cmyk.jpg", save(cmyk, "JPEG", quality=95)
    yield "jpeg_cmyk_no_marker.jpg", drop_segment(save(cmyk, "JPEG", quality=95), 0xEE)
    yield "jpeg_rgb.jpg", save(rgb, "JPEG", keep_rgb=True)
    yield "jpeg_restarts.jpg", save(rgb, "JPEG", restart_marker_blocks=2)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "jpeg_exif6.jpg", save(rgb, "JPEG", exif=exif)
    yield "jpeg_named_png.png", save(rgb, "JPEG")
    base = save(rgb, "JPEG")
    yield "jpeg_no_end.jpg", base[:-2]
    yield "jpeg_truncated.jpg", base[: len(base) * 3 // 4]
    yield "jpeg_garbage_behind.jpg", base + b"garbage" * 20
    yield "jpeg_short_adobe.jpg", base[:2] + b"\xff\xee\0\7Adobe" + base[2:]
    yield "jpeg_fill_bytes.jpg", base[:2] + b"\xff\xff\xff" + base[2:]
    yield "jpeg_tables_only.jpg", base[: base.index(b"\xff\xda")]
    yield "webp_lossy.webp", save(rgb, "WEBP", quality=80)
    yield "webp_lossless.webp", save(rgb, "WEBP", lossless=True)
    yield "webp_exif.webp", save(rgb, "WEBP", exif=exif)
    yield "webp_truncated.webp", save(rgb, "WEBP", quality=80)[:-40]
    yield "bmp_24.bmp", save(rgb, "BMP")
    top_down = bytearray(save(rgb, "BMP"))
    top_down[22:26] = struct.pack("<i", -21)
    yield "bmp_top_down.bmp", bytes(top_down)
    yield "bmp_truncated.bmp", save(rgb, "BMP")[:-10]


def unsupported_cases():
    """Readable for Pillow, refused by bteval with a reason."""
    rgb = Image.fromarray(pattern(29, 21, 3).astype(np.uint8))
    alpha = Image.fromarray(pattern(29, 21, 4).astype(np.uint8), "RGBA")
    yield "webp_alpha.webp", save(alpha, "WEBP", lossless=True)
    yield "webp_animated.webp", save(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(180)], duration=9)
    yield "bmp_palette.bmp", save(rgb.quantize(16), "BMP")
    yield "gif.gif", save(rgb, "GIF")
    yield "tiff.tiff", save(rgb, "TIFF")
    yield "png_no_palette.png", png(4, 3).replace(chunk(b"PLTE", palette(16)), b"")


def drop_segment(data, marker):
    start = data.index(bytes([0xFF, marker]))
    length = struct.unpack(">H", data[start + 2 : start + 4])[0]
    return data[:start] + data[start + 2 + length :]


# --- expectations --------------------------------------------------------------------------------------------------


def digest(data):
    return hashlib.sha256(data).hexdigest()


def read(data):
    """Pillow's reading, or None."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except Exception:  # Pillow raises many kinds
        return None


def resize_horizontal_first(image, size):
    """What Pillow up to 12 computes in one call."""
    return image.resize((size[0], image.height), Image.BICUBIC).resize(size, Image.BICUBIC)


def expectation(data):
    image = read(data)
    if image is None:
        return {"refused": True}
    return {
        "size": list(image.size),
        "rgb": digest(image.tobytes()),
        "resized": [digest(resize_horizontal_first(image, size).tobytes()) for size in SIZES],
        "resized_pillow_13": [digest(image.resize(size, Image.BICUBIC).tobytes()) for size in SIZES],
    }


def prefixes(data):
    """Which prefixes of a file Pillow reads, as {length: digest}."""
    accepted = {}
    for length in range(len(data)):
        image = read(data[:length])
        if image is not None:
            accepted[str(length)] = digest(image.tobytes())
    return accepted


def center_crop(image, size):
    """torchvision's Resize(size, BICUBIC) and CenterCrop(size) on an opaque image."""
    shorter, longer = sorted(image.size)
    long_side = int(size * longer / shorter)
    target = (size, long_side) if image.width <= image.height else (long_side, size)
    resized = resize_horizontal_first(image, target)
    left, top = (int(round((side - size) / 2.0)) for side in resized.size)
    return resized.crop((left, top, left + size, top + size))


def transforms():
    """The named transforms on computed images, which the test computes again."""
    from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

    rows = []
    for width, height in ((64, 48), (48, 64), (50, 50), (97, 31), (31, 97), (40, 38), (300, 40), (41, 333)):
        image = Image.fromarray(pattern_integer(width, height))
        for size in (32, 48, 45, 64, 288, 378):
            processor = BridgeTowerImageProcessorPil(size={"shortest_edge": size}, crop_size={"shortest_edge": size})
            row = {"width": width, "height": height, "size": size}
            row["square"] = digest(resize_horizontal_first(image, (size, size)).tobytes())
            row["center_crop"] = digest(center_crop(image, size).tobytes())
            try:
                pixels = processor(image, return_tensors="np")["pixel_values"][0]
                assert pixels.shape == (3, size, size) and pixels.dtype == np.float32
                row["hf_float32_pillow_13"] = digest(np.ascontiguousarray(pixels).tobytes())
            except ValueError:  # a side of 0 pixels
                row["hf_float32_pillow_13"] = None
            rows.append(row)
    return rows


def pattern_integer(width, height):
    """An image by integer arithmetic alone, so that a test in another language makes the same."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.int64)
    return ((x * x * 7 + y * 13 * (c + 1) + x * y * (3 + c) + (x // 9) * 64) % 256).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/data/image"
    parser.add_argument("--out", type=pathlib.Path, default=default)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    import transformers

    expected = {
        "made_by": "tools/golden/make_image_fixtures.py",
        "pillow": PIL.__version__,
        "libjpeg_turbo": features.version("libjpeg_turbo"),
        "transformers": transformers.__version__,
        "sizes": SIZES,
        "files": {},
        "unsupported": [],
        "prefixes": {},
        "transforms": transforms(),
    }
    for name, data in [*png_cases(), *other_cases()]:
        (out / name).write_bytes(data)
        expected["files"][name] = expectation(data)
    for name, data in unsupported_cases():
        (out / name).write_bytes(data)
        assert read(data) is not None, name
        expected["unsupported"].append(name)
    for name in ("jpeg_gray.jpg", "jpeg_progressive.jpg", "png_c3_d4.png", "png_c6_d8_i.png", "png_text.png"):
        expected["prefixes"][name] = prefixes((out / name).read_bytes())
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
