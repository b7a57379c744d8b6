"""Two runs of 10,000 samples, made of a small real one: other ids, many images, 65 question types, hostile strings."""

import json
import random
import struct
import zlib
from pathlib import Path

SAMPLES = 10_000
IMAGES = 400
NAMES = ("base", 'large <b>"&')  # folders, so names that the page shows

LONG_ANSWER = "long " * 2048  # 10 kB
HOSTILE = {  # sample -> text, prediction of both runs, right answer
    3: "<script>window.hacked = 1</script>",
    5: "</script><img src=x onerror=\"window.hacked = 2\">",
    8: "\"quotes' `and` &amp; <b>tags</b>",
    11: "\u202eright to left\u202c مرحبا بالعالم",
    13: "\U0001f600 \U0001f469\u200d\U0001f680 emoji",
    17: LONG_ANSWER,
    19: "javascript:window.hacked=3",
    23: "\\u003c ${window.hacked = 4} {{hacked}}",
}
HOSTILE_ID = 29
HOSTILE_ID_TEXT = '"><svg onload=window.hacked=5>'
REFUSED, UNCOUNTED = 31, 37
TYPES = [f"question type {i:02}" for i in range(63)] + ["<i>slanted</i>", "quote\" type"]


def write_png(path: Path, seed: int):
    """A picture of coloured squares, 160 × 120."""
    width, height, side = 160, 120, 8
    choice = random.Random(seed)
    rows = bytearray()
    for _ in range(height // side):
        row = b"".join(choice.randbytes(3) * side for _ in range(width // side))
        rows += (b"\0" + row) * side

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + chunk(b"IEND", b""))


def made_up_samples(real: list, images: list) -> list:
    """Samples of the first run, as lines of samples.jsonl."""
    choice = random.Random(7)
    samples = []
    for i in range(SAMPLES):
        sample = json.loads(json.dumps(real[i % len(real)]))
        image = images[i * len(images) // SAMPLES]
        value = choice.choices([1, 0.9, 0.6, 0.3, 0], [55, 5, 7, 8, 25])[0]
        sample.update(id=HOSTILE_ID_TEXT if i == HOSTILE_ID else str(700_000_000 + i), cluster=Path(image).stem, images=[image],
                      value=value, confidence=round(min(0.999, max(0.001, 0.35 + 0.5 * value + choice.gauss(0, 0.2))), 6))
        sample["text"] += f" ({i})"
        sample["slices"]["question type"] = TYPES[choice.randrange(len(TYPES)) if i >= len(TYPES) else i]
        if i in HOSTILE:
            sample.update(text=HOSTILE[i], prediction=HOSTILE[i], targets=[HOSTILE[i], "square"])
        samples.append(sample)
    samples[REFUSED].update(prediction=None, refused="<u>image</u> missing", value=0)
    samples[REFUSED].pop("confidence")
    samples[UNCOUNTED].pop("value")
    return samples


def other_answers(samples: list) -> list:
    """The second run: a fifth of the answers is another one."""
    choice = random.Random(8)
    others = json.loads(json.dumps(samples))
    for i, sample in enumerate(others):
        if "value" in sample and i not in HOSTILE and i != REFUSED and choice.random() < 0.2:
            sample.update(value=choice.choice([0, 0.3, 1, 1]), prediction="another answer",
                          confidence=round(choice.random(), 6))
    return others


def group_value(samples: list) -> dict:
    values = [sample["value"] for sample in samples if "value" in sample]
    mean = 100 * sum(values) / len(values)
    return {"value": round(mean, 2), "unrounded": mean, "count": len(values)}


def make_runs(real_run: Path, folder: Path) -> list:
    """Writes both runs and their images; gives their folders."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    images = [str(pictures / f"picture_{i:04}.png") for i in range(IMAGES)]
    for i, image in enumerate(images[:-1]):  # the last one is missing
        write_png(Path(image), i)
    real = [json.loads(line) for line in (real_run / "samples.jsonl").read_text(encoding="utf-8").splitlines()]
    first = made_up_samples(real, images)
    runs = []
    for name, samples in zip(NAMES, (first, other_answers(first))):
        run = folder / name
        run.mkdir(exist_ok=True)
        for file in ("manifest.json", "predictions.jsonl"):
            (run / file).write_bytes((real_run / file).read_bytes())
        metrics = json.loads((real_run / "metrics.json").read_text(encoding="utf-8"))
        metrics["score"]["overall"] = group_value(samples)
        for title, key in (("by answer type", "answer type"), ("by question type", "question type")):
            parts = sorted({sample["slices"][key] for sample in samples})
            metrics["score"]["groups"][title] = {
                part: group_value([sample for sample in samples if sample["slices"][key] == part]) for part in parts}
        (run / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
        lines = (json.dumps(sample, ensure_ascii=False) + "\n" for sample in samples)
        (run / "samples.jsonl").write_text("".join(lines), encoding="utf-8")
        runs.append(run)
    return runs
