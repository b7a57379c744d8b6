"""Tests of tools/scaling/simulate.py: what any run of it has to satisfy, whatever the parameters."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools/scaling/simulate.py"


def simulate(*arguments: str) -> list[dict]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--json", *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


class SimulateScalingTest(unittest.TestCase):
    def test_one_gpu_without_any_cost_takes_the_sum_of_its_units(self):
        nothing = "--store-service-us=0 --rtt-us=0 --image-kb=0 --start-spread-s=0 --unit-spread=0".split()
        (row,) = simulate("--work", "vqav2-test", "--gpus", "1", "--tflops", "30", *nothing)
        gflop = 2545 * 32 * 120.2 + 447_793 * (45.9 + 2.2)
        self.assertAlmostEqual(row["ideal_compute_s"], gflop / 30e3, places=6)
        self.assertAlmostEqual(row["compute_s"], gflop / 30e3, places=1)

    def test_more_gpus_never_beat_the_ideal_and_do_all_units(self):
        for row in simulate("--work", "vqav2-test", "--gpus", "2,7,64"):
            self.assertGreater(row["compute_s"], row["ideal_compute_s"])
            self.assertEqual(row["units"], 2545)

    def test_more_gpus_than_units_do_not_help(self):
        few, many = simulate("--work", "coco", "--gpus", "79,1024", "--rank-spread", "0", "--unit-spread", "0")
        self.assertGreater(many["compute_s"], 0.95 * few["compute_s"])

    def test_a_slow_store_and_a_slow_file_system_are_what_is_waited_for(self):
        (store,) = simulate("--work", "vqav2-test", "--gpus", "64", "--store-service-us", "5000", "--beat-requests", "0")
        self.assertGreater(store["store_busy"], 0.9)
        self.assertGreater(store["compute_s"], 2545 * 5 * 5e-3)
        (files,) = simulate("--work", "vqav2-test", "--gpus", "64", "--fs-gb-s", "0.1")
        self.assertGreater(files["files_busy"], 0.9)
        self.assertGreater(files["compute_s"], 81_434 * 160e3 / 0.1e9)

    def test_failures_cost_time_and_equal_seeds_are_equal(self):
        arguments = ("--work", "vqav2-test", "--gpus", "64")
        (calm,) = simulate(*arguments)
        (rough,) = simulate(*arguments, "--mtbf-hours", "0.05")
        self.assertGreater(rough["failures"], 0)
        self.assertGreater(rough["compute_s"], calm["compute_s"])
        self.assertEqual([rough], simulate(*arguments, "--mtbf-hours", "0.05"))

    def test_units_beyond_those_simulated_pass_at_the_steady_rate(self):
        (whole,) = simulate("--work", "vqav2-test", "--gpus", "8")
        (part,) = simulate("--work", "vqav2-test", "--gpus", "8", "--max-units", "1000")
        self.assertAlmostEqual(part["compute_s"] / whole["compute_s"], 1, delta=0.03)


if __name__ == "__main__":
    unittest.main()
