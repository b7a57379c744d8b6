#!/usr/bin/env python3
"""Simulates evaluations on 1 to 1,024 GPUs: time, traffic, and what they wait for.

    python3 tools/scaling/simulate.py                        # the tables of docs/scaling.md
    python3 tools/scaling/simulate.py --work coco --gpus 64 --tflops 60 --mtbf-hours 200 --seed 3

An event simulation of what the processes do: start (read and hash the weights and annotations), take a unit of work from the
counter in the store, load its images, compute, deliver, until nothing is left; rank 0 collects, and finishes the run alone. The
store is one server that answers one request at a time, and the file system one that reads at --fs-gb-s for everybody together.
A process takes its next unit while it computes. Processes fail at random, --mtbf-hours apart; their unit is given out again
after --rank-timeout. Rank 0 does not fail here: what that costs is one more start.

Everything is a parameter. Measured here are those of the store, of hashing, of candidates and of writing results (see
docs/scaling.md). **No GPU has been seen: --tflops, --start-s and everything about the cluster are assumptions.**
"""

import argparse
import dataclasses
import heapq
import json
import math
import random
import sys

# GFLOP of the base model at 384 pixels: docs/performance.md.
IMAGE_GFLOP, TEXT_GFLOP, PAIR_GFLOP = 120.2, 2.2, 45.9
EMBEDDING_SIZE = 512


@dataclasses.dataclass(frozen=True)
class Work:
    """A data set as the plan sees it."""

    images: int
    pairs: int  # that go through fusion
    texts: int
    images_per_unit: int
    result_bytes: int  # a pair, in the journal and through the store
    retrieval: bool = False  # embeddings and candidates first

    @property
    def units(self):
        return math.ceil(self.images / self.images_per_unit)


WORKS = {
    "vqav2-test": Work(81_434, 447_793, 447_793, 32, 100),
    "coco": Work(5_000, 6_000_000, 25_010, 64, 8, retrieval=True),
    "billion-questions": Work(200_000_000, 1_000_000_000, 1_000_000_000, 32, 100),
    "billion-candidates": Work(1_000_000, 1_000_000_000, 5_000_000, 64, 8, retrieval=True),
}


class Server:
    """Serves one request after the other, in the order in which they come."""

    def __init__(self):
        self.free_at = 0.0
        self.busy = 0.0

    def serve(self, now, seconds):
        self.free_at = max(self.free_at, now) + seconds
        self.busy += seconds
        return self.free_at


class Phase:
    """One list of units that all ranks work on: how long, from the moment at which all are ready."""

    def __init__(self, options, rng, units, unit_seconds, unit_file_bytes, unit_result_bytes):
        self.options, self.rng = options, rng
        self.units, self.unit_seconds = units, unit_seconds
        self.unit_file_bytes, self.unit_result_bytes = unit_file_bytes, unit_result_bytes
        self.store, self.files, self.collector = Server(), Server(), Server()
        self.events, self.number = [], 0
        self.next_unit = self.failures = self.delivered = 0
        self.again = []  # units of ranks that failed
        self.idle_ranks = []
        # Very many units pass at a steady rate: only so many are simulated, and the others reckoned with that rate.
        self.simulated = min(units, options.max_units)
        self.quarter_at = self.three_quarters_at = 0.0
        self.ends = [0.0] * options.gpus
        # Beats and looks at others' beats keep the server from other requests.
        beats = options.gpus * (options.beat_requests / options.beat_s)
        self.service = options.store_service_us * 1e-6 / max(1e-3, 1 - beats * options.store_service_us * 1e-6)
        slow = [max(0.2, rng.gauss(1, options.rank_spread)) for _ in range(options.gpus)]
        mean_speed = sum(1 / each for each in slow) / options.gpus
        self.slow = [each * mean_speed for each in slow]  # all together as fast as without a spread

    def at(self, time, action, *arguments):
        self.number += 1
        heapq.heappush(self.events, (time, self.number, action, arguments))

    def request(self, now, count):
        """When `count` requests, one after the other, have been answered."""
        done = self.store.serve(now, count * self.service)
        return done + count * self.options.rtt_us * 1e-6

    def run(self):
        busy_until = [0.0] * self.options.gpus  # when the GPU has computed what it has been given
        for rank in range(self.options.gpus):
            # Ranks are not ready in the same moment.
            self.at(self.rng.uniform(0, self.options.start_spread_s), self.claim, rank, busy_until)
        while self.events:
            time, _, action, arguments = heapq.heappop(self.events)
            action(time, *arguments)
        steady = (self.three_quarters_at - self.quarter_at) / max(1, self.simulated // 2)
        return max(*self.ends, self.collector.free_at) + (self.units - self.simulated) * steady

    @property
    def scale(self):
        return self.units / self.simulated

    def claim(self, now, rank, busy_until):
        if not self.again and self.next_unit == self.simulated:
            self.idle_ranks.append((rank, busy_until))
            return
        if self.again:
            self.again.pop()
        else:
            self.next_unit += 1
        known = self.request(now, self.options.claim_requests)
        loaded = self.files.serve(known, self.unit_file_bytes / (self.options.fs_gb_s * 1e9))
        loaded = max(loaded, known + self.unit_file_bytes / (self.options.fs_rank_gb_s * 1e9))
        begin = max(loaded, busy_until[rank])
        seconds = self.unit_seconds * self.slow[rank] * self.rng.lognormvariate(0, self.options.unit_spread)
        busy_until[rank] = begin + seconds
        mtbf = self.options.mtbf_hours * 3600
        if mtbf and rank > 0 and self.rng.random() < -math.expm1(-seconds / mtbf):
            self.failures += 1
            self.at(begin + self.rng.uniform(0, seconds) + self.options.rank_timeout, self.give_again)
            return  # this rank is gone
        self.at(begin + seconds, self.deliver, rank)
        self.at(begin, self.claim, rank, busy_until)  # the next one is loaded while this one is computed

    def give_again(self, now):
        self.again.append(None)
        if self.idle_ranks:
            self.at(now, self.claim, *self.idle_ranks.pop())

    def deliver(self, now, rank):
        self.delivered += 1
        if self.delivered == self.simulated // 4:
            self.quarter_at = now
        elif self.delivered == self.simulated * 3 // 4:
            self.three_quarters_at = now
        seconds_on_wire = self.unit_result_bytes / (self.options.store_gb_s * 1e9)
        sent = self.store.serve(now, self.options.deliver_requests * self.service + seconds_on_wire)
        sent += self.options.deliver_requests * self.options.rtt_us * 1e-6
        self.ends[rank] = max(self.ends[rank], sent)
        # Rank 0 fetches results one after the other.
        each = self.options.collect_requests * (self.service + self.options.rtt_us * 1e-6) + seconds_on_wire
        self.store.busy += self.options.collect_requests * self.service + seconds_on_wire
        self.collector.serve(sent, each)


def nodes(options):
    """The processes of one machine read the weights once, through its page cache."""
    return math.ceil(options.gpus / options.gpus_per_node)


def start_seconds(options):
    """Until a rank is ready: its process, the weights from the file system that all read at once, and their hash."""
    read = options.model_gb * nodes(options) / options.fs_gb_s
    return options.start_s + max(read, options.model_gb / options.fs_rank_gb_s) + options.model_gb / options.hash_gb_s


def simulate(work, options):
    rng = random.Random(options.seed)
    gflop_s = options.tflops * 1e3
    image_bytes = options.image_kb * 1e3
    pairs_per_unit = work.pairs / work.units
    unit_gflop = work.images_per_unit * IMAGE_GFLOP + pairs_per_unit * PAIR_GFLOP
    phases = []
    serial = {"start": start_seconds(options)}
    if work.retrieval:
        # Embeddings: parts of 64 images, and of 1,024 texts.
        for count, each, size, gflop in ((work.images, image_bytes, 64, IMAGE_GFLOP), (work.texts, 0, 1024, TEXT_GFLOP)):
            phases.append(Phase(options, rng, math.ceil(count / size), size * gflop / gflop_s, size * each,
                                size * EMBEDDING_SIZE * 4))
        serial["candidates"] = work.images * work.texts * EMBEDDING_SIZE / (options.candidates_gmac_s * 1e9)
        # Texts' features are kept where they fit, and else computed once a unit; here: once a rank.
        unit_gflop += min(work.texts, 64 * 1024) * TEXT_GFLOP * options.gpus / work.units
    else:
        unit_gflop += pairs_per_unit * TEXT_GFLOP
    phases.append(Phase(options, rng, work.units, unit_gflop / gflop_s, work.images_per_unit * image_bytes,
                        pairs_per_unit * work.result_bytes))
    seconds = [phase.run() for phase in phases]
    for phase in phases:
        if phase.delivered < phase.simulated:
            sys.exit(f"all {options.gpus} processes failed before the end")
    serial["finish"] = (work.images + work.texts if work.retrieval else work.pairs) * options.finish_us * 1e-6
    requests = sum(phase.units for phase in phases) * (
        options.claim_requests + options.deliver_requests + options.collect_requests)
    computing = sum(seconds)
    return {
        "gpus": options.gpus,
        "units": work.units,
        "start_s": serial["start"],
        "compute_s": computing,
        "candidates_s": serial.get("candidates", 0.0),
        "finish_s": serial["finish"],
        "total_s": computing + sum(serial.values()),
        "ideal_compute_s": sum(phase.units * phase.unit_seconds for phase in phases) / options.gpus,
        "store_busy": sum(phase.store.busy * phase.scale for phase in phases) / computing,
        "files_busy": sum(phase.files.busy * phase.scale for phase in phases) / computing,
        "store_mb": 1e-6 * sum(2 * phase.units * phase.unit_result_bytes for phase in phases) + requests * 200e-6,
        "files_gb": 1e-9 * sum(phase.units * phase.unit_file_bytes for phase in phases) + options.model_gb * nodes(options),
        "failures": round(sum(phase.failures * phase.scale for phase in phases)),
    }


def parser():
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = result.add_argument
    add("--work", choices=WORKS, action="append", help="default: all")
    add("--gpus", default="1,8,64,256,1024")
    add("--json", action="store_true", help="one object a line instead of tables")
    add("--seed", type=int, default=1)
    add("--max-units", type=int, default=100_000, help="to simulate; what goes beyond is reckoned at their steady rate")
    measured = result.add_argument_group("measured on a CPU machine")
    add = measured.add_argument
    add("--store-service-us", type=float, default=20, help="processor time of the store's server a request")
    add("--hash-gb-s", type=float, default=1.4, help="SHA-256 of one process")
    add("--candidates-gmac-s", type=float, default=100, help="of rank 0: 6.3 a core, here with 16 cores")
    add("--finish-us", type=float, default=20, help="writing a sample's results and scoring it, by rank 0 alone")
    add("--claim-requests", type=int, default=2, help="requests of the protocol to take a unit")
    add("--deliver-requests", type=int, default=2)
    add("--collect-requests", type=int, default=5)
    add("--beat-requests", type=float, default=3, help="a beat, a look at rank 0's, and rank 0's look at this one")
    add("--beat-s", type=float, default=1)
    assumed = result.add_argument_group("assumed: no GPU and no cluster has been seen")
    add = assumed.add_argument
    add("--tflops", type=float, default=30, help="that one GPU sustains on this model")
    add("--start-s", type=float, default=15, help="process, CUDA and model on the GPU")
    add("--start-spread-s", type=float, default=5)
    add("--rank-spread", type=float, default=0.03, help="standard deviation of GPUs' speeds")
    add("--unit-spread", type=float, default=0.1, help="of the logarithm of units' times")
    add("--gpus-per-node", type=int, default=8)
    add("--model-gb", type=float, default=1.4)
    add("--image-kb", type=float, default=160)
    add("--fs-gb-s", type=float, default=20, help="file system, all readers together")
    add("--fs-rank-gb-s", type=float, default=0.5, help="one reader")
    add("--rtt-us", type=float, default=120, help="network, there and back, with both kernels")
    add("--store-gb-s", type=float, default=1, help="rate at which the store takes and gives values")
    add("--mtbf-hours", type=float, default=0, help="of one process; 0: none fails")
    add("--rank-timeout", type=float, default=60)
    return result


def duration(seconds):
    if seconds < 0.05:
        return "-"
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def percent(share):
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1g} %"


def print_table(name, rows):
    work, most = WORKS[name], rows[-1]
    print(f"\n{name}: {work.images:,} images, {work.pairs:,} pairs, {work.units:,} units; with {most['gpus']:,} GPUs "
          f"{most['store_mb']:,.0f} MB pass through the store and {most['files_gb']:,.0f} GB are read\n")
    print("| GPUs | start | candidates | computing | finishing | whole run | computing, of the ideal | store busy | files busy |")
    print("|---" * 9 + "|")
    for row in rows:
        parts = ("start_s", "candidates_s", "compute_s", "finish_s", "total_s")
        shares = (row["ideal_compute_s"] / row["compute_s"], row["store_busy"], row["files_busy"])
        cells = [f"{row['gpus']:,}", *(duration(row[part]) for part in parts), *(percent(share) for share in shares)]
        print("| " + " | ".join(cells) + " |")


def main():
    options = parser().parse_args()
    counts = [int(text) for text in options.gpus.split(",")]
    for name in options.work or WORKS:
        rows = []
        for gpus in counts:
            options.gpus = gpus
            rows.append(simulate(WORKS[name], options))
            if options.json:
                print(json.dumps({"work": name, **rows[-1]}), flush=True)
        if not options.json:
            print_table(name, rows)


if __name__ == "__main__":
    main()
