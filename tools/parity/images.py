#!/usr/bin/env python3
"""Compare `bteval probe image` with Pillow, byte for byte: decoding, every transform, and damaged files.

    pip install -r tools/parity/requirements.txt
    python3 tools/parity/images.py --bteval build/release/bin/bteval FOLDER [FOLDER ...] [--mutations N]

Every file below the folders is tried, whatever its name. Each counts as
    equal      the same pixels (or both refuse the file),
    refused    Pillow reads it and bteval gives its reason for not doing so,
    different  other pixels, or bteval reads what Pillow refuses.
--mutations N also compares N damaged copies of each file of at most 64 KiB: cut short, or with some bytes changed (seeded).
Exit status 1 where anything is different. Pillow 13 resizes some portrait images in another order than all versions
before; bteval is asked for the order of the Pillow that runs.
"""

import argparse
import collections
import hashlib
import importlib.util
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

import PIL
from PIL import Image, features

warnings.simplefilter("ignore")
PILLOW_13 = int(PIL.__version__.split(".")[0]) >= 13
BATCH = 500
LARGEST_MUTATED = 64 << 10


def probe(bteval, files, transform, size):
    """For each file "WxH sha256", or None and the reason."""
    arguments = [bteval, "probe", "image", "--resize-order", "pillow-13" if PILLOW_13 else "horizontal-first"]
    if transform:
        arguments += ["--transform", transform, "--size", str(size)]
    answers = []
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        # /dev/null is refused as well; it makes every batch one of several files.
        done = subprocess.run([*arguments, *batch, os.devnull], capture_output=True, text=True, errors="replace")
        lines = done.stdout.splitlines()
        if done.returncode != 6 or len(lines) != len(batch) + 1:
            sys.exit(f"bteval: exit status {done.returncode}, {len(lines)} lines: {done.stderr}")
        for line in lines[:-1]:
            first, second = line.split(maxsplit=1)
            answers.append((None, second) if first == "refused" else (f"{first} {second.split()[0]}", ""))
    return answers


def center_crop(image, size):
    shorter, longer = sorted(image.size)
    long_side = int(size * longer / shorter)
    target = (size, long_side) if image.width <= image.height else (long_side, size)
    resized = image.resize(target, Image.BICUBIC)
    left, top = (int(round((side - size) / 2.0)) for side in resized.size)
    return resized.crop((left, top, left + size, top + size))


def hugging_face(image, size):
    """The processor's image before rescaling: it is asked for resize and crop alone."""
    import numpy
    from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

    processor = BridgeTowerImageProcessorPil(
        size={"shortest_edge": size}, crop_size={"shortest_edge": size}, do_rescale=False, do_normalize=False
    )
    pixels = processor(image, return_tensors="np")["pixel_values"][0]
    return Image.fromarray(numpy.ascontiguousarray(pixels.transpose(1, 2, 0)).astype(numpy.uint8))


def reference(path, transform, size):
    try:
        with Image.open(path) as opened:
            if transform == "center_crop":  # METER: RGBA first, RGB after the crop
                image = center_crop(opened.convert("RGBA"), size).convert("RGB")
            else:
                image = opened.convert("RGB")
                if transform == "square":
                    image = image.resize((size, size), Image.BICUBIC)
                elif transform == "hf":
                    image = hugging_face(image, size)
    except Exception as error:  # Pillow raises many kinds
        return None, f"{type(error).__name__}: {error}"
    return f"{image.width}x{image.height} {hashlib.sha256(image.tobytes()).hexdigest()}", ""


def compare(bteval, files, transform=None, size=None):
    counts = collections.Counter()
    name = f"{transform} {size}" if transform else "decode"
    for path, (ours, why), (theirs, error) in zip(
        files, probe(bteval, files, transform, size), (reference(path, transform, size) for path in files)
    ):
        if ours == theirs:
            counts["equal" if ours else "equal (both refuse)"] += 1
        elif ours is None:
            counts["refused"] += 1
            print(f"  {name}: refused   {why}")
        else:
            counts["different"] += 1
            print(f"  {name}: DIFFERENT {path}: bteval {ours}, Pillow {theirs or error}")
    print(f"{name}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())), flush=True)
    return counts["different"]


def mutate(data, generator):
    data = bytearray(data)
    if generator.random() < 0.2:
        return bytes(data[: generator.randrange(len(data))])
    for _ in range(generator.choice((1, 1, 2, 8))):
        data[generator.randrange(len(data))] = generator.randrange(256)
    return bytes(data)


def compare_mutations(options, files):
    generator = random.Random(options.seed)
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(files), 20):
            damaged = []
            for path in files[start : start + 20]:
                data = pathlib.Path(path).read_bytes()
                if not 0 < len(data) <= LARGEST_MUTATED:
                    continue
                for i in range(options.mutations):
                    damaged.append(os.path.join(folder, f"{start}_{i}_{os.path.basename(path)}"))
                    pathlib.Path(damaged[-1]).write_bytes(mutate(data, generator))
            if damaged:
                different += compare(options.bteval, damaged)
            for path in damaged:
                if options.keep:
                    pathlib.Path(path).rename(os.path.join(options.keep, os.path.basename(path)))
                else:
                    os.unlink(path)
    print(f"damaged files: {different} different")
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--bteval", required=True)
    parser.add_argument("--mutations", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder to keep the damaged files in")
    options = parser.parse_args()
    files = sorted(str(path) for folder in options.folders for path in folder.rglob("*") if path.is_file())
    print(f"{len(files)} files; Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}")
    different = compare(options.bteval, files)
    for size in (64, 288, 384, 576):
        different += compare(options.bteval, files, "square", size)
    for size in (224, 384):
        different += compare(options.bteval, files, "center_crop", size)
    for size in (288, 378):
        if importlib.util.find_spec("transformers"):
            different += compare(options.bteval, files, "hf", size)
    if options.mutations:
        different += compare_mutations(options, files)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
