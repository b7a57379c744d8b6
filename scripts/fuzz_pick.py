#!/usr/bin/env python3
"""Copies the found inputs of a fuzz target that add most to what the committed ones reach.

    fuzz_pick.py CONTROL FOLDER N

CONTROL is the control file of a libFuzzer merge whose first corpus was FOLDER: the files' names, how many of them are the
first corpus's, and for each file the edges that it covers. The file that covers most new edges is taken first, the
smaller one of two that cover as many, then the next, until there are N or nothing is new. Files of more than 4 KiB, of
which the merge has seen the beginning only, stay where they are.
"""
import shutil
import sys
from pathlib import Path

LONGEST = 4096


def read_control(path):
    lines = path.read_text().splitlines()
    count, committed = int(lines[0]), int(lines[1])
    edges = {}
    for line in lines[2 + count :]:
        kind, index, *numbers = line.split()
        if kind == "COV":
            edges[int(index)] = set(numbers)
    return [Path(name) for name in lines[2 : 2 + count]], committed, edges


def pick(control, most):
    names, committed, edges = read_control(control)
    reached = set().union(*(edges.get(i, set()) for i in range(committed)))
    left = {i: edges[i] - reached for i in edges if i >= committed and names[i].stat().st_size <= LONGEST}
    picked = []
    while left and len(picked) < most:
        best = min(left, key=lambda i: (-len(left[i]), names[i].stat().st_size, names[i].name))
        new = left.pop(best)
        if not new:
            break
        picked.append(names[best])
        left = {i: edges_of - new for i, edges_of in left.items()}
    return picked


def main():
    control, folder, most = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    picked = pick(control, most)
    for name in picked:
        shutil.copyfile(name, folder / name.name)
    print(f"{folder}: {len(picked)} inputs more")


if __name__ == "__main__":
    main()
