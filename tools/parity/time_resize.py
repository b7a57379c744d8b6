#!/usr/bin/env python3
"""Time bteval's resize beside Pillow's: 640x480 to squares, one thread, in turns so that both meet the same load.

    pip install -r tools/parity/requirements.txt
    python3 tools/parity/time_resize.py --bench build/bench/tests/bench/bench_resize [--rounds 9]
"""

import argparse
import json
import statistics
import subprocess
import time

import PIL
from PIL import Image

SIZES = (288, 384, 576)


def ours(bench, kernel):
    """Microseconds by size, from one run of the Google Benchmark."""
    command = [bench, f"--benchmark_filter=^{kernel}/", "--benchmark_format=json", "--benchmark_min_time=0.1"]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)["benchmarks"]
    return {int(row["name"].split("/")[1]): row["cpu_time"] for row in rows}


def pillow(image, size):
    times = []
    for _ in range(15):
        start = time.process_time_ns()
        image.resize((size, size), Image.BICUBIC)
        times.append((time.process_time_ns() - start) / 1000)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    image = Image.new("RGB", (640, 480))
    image.putdata([(i * 7 % 256, i * 11 % 256, i // 640 % 256) for i in range(640 * 480)])
    columns = {"Pillow": {}, "resize_to": {}, "resize_portable_to": {}}
    for _ in range(options.rounds):
        for kernel in ("resize_to", "resize_portable_to"):
            for size, value in ours(options.bench, kernel).items():
                columns[kernel].setdefault(size, []).append(value)
        for size in SIZES:
            columns["Pillow"].setdefault(size, []).append(pillow(image, size))
    print(f"Pillow {PIL.__version__}; median of {options.rounds} rounds (least to most), CPU microseconds")
    for size in SIZES:
        base = statistics.median(columns["Pillow"][size])
        for name, by_size in columns.items():
            times = by_size[size]
            middle = statistics.median(times)
            print(f"{size}  {name:20} {middle:8.0f} ({min(times):.0f} to {max(times):.0f})  {base / middle:.1f}x")


if __name__ == "__main__":
    main()
