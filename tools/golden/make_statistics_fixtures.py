#!/usr/bin/env python3
"""Writes what reference implementations compute of small made-up results: intervals (scipy), randomisation (sacreBLEU),
McNemar, Holm and clustered standard errors (statsmodels), calibration (written here with numpy, after the papers).

    pip install numpy scipy statsmodels sacrebleu
    python3 tools/golden/make_statistics_fixtures.py tests/golden/data/statistics/statistics.json

What is drawn at random is computed REPEATS times with different seeds: the fixture holds mean and standard deviation, so that
a test knows the Monte-Carlo error of one such computation.
"""
import argparse
import json
import logging
import pathlib
import platform

import numpy as np
import sacrebleu
import scipy
import scipy.stats
import statsmodels
import statsmodels.api as sm
from sacrebleu import significance
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

SEED = 20240611
REPEATS = 20
RESAMPLES = 10_000
CLUSTERS = 150
LEVEL = 0.95


def clustered_runs(rng, shift):
    """Soft accuracies of two runs that agree on most samples; samples of a cluster are alike."""
    cluster, a, b = [], [], []
    for g in range(CLUSTERS):
        hard = rng.beta(1.2, 0.8)
        better = rng.normal(shift, 0.25)
        for _ in range(int(rng.integers(1, 8))):
            value = rng.choice([0, 0.3, 0.6, 0.9, 1]) if rng.random() > hard else 1.0
            other = value
            if rng.random() < abs(better):
                other = 1.0 if better > 0 else float(rng.choice([0, 0.3]))
            cluster.append(g)
            a.append(float(value))
            b.append(float(other))
    return np.array(cluster), np.array(a), np.array(b)


def sums(cluster, values):
    return np.bincount(cluster, values, CLUSTERS), np.bincount(cluster, minlength=CLUSTERS).astype(float)


def spread(values):
    values = np.array(values)
    return {"mean": values.mean(), "std": values.std(ddof=1)}


def intervals(cluster, values, method):
    """scipy's bootstrap of a ratio of sums over clusters that are drawn together."""
    s, n = sums(cluster, values)
    lows, highs = [], []
    for repeat in range(REPEATS):
        result = scipy.stats.bootstrap((s, n), lambda x, y, axis: x.sum(axis=axis) / y.sum(axis=axis), paired=True,
                                       n_resamples=RESAMPLES, confidence_level=LEVEL, method=method, vectorized=True,
                                       batch=500, rng=np.random.default_rng(SEED + repeat))
        lows.append(result.confidence_interval.low)
        highs.append(result.confidence_interval.high)
    return {"low": spread(lows), "high": spread(highs)}


class MeanMetric:
    """What sacreBLEU's tests want of a metric: statistics of each segment, here (sum of values, samples) of a cluster."""

    class Score:
        def __init__(self, score):
            self.score = score

    def _extract_corpus_statistics(self, hypotheses, references):
        return hypotheses

    def _compute_score_from_stats(self, stats):
        return self.Score(stats[0] / stats[1])

    def _aggregate_and_compute(self, stats):
        return self._compute_score_from_stats(np.asarray(stats).sum(0))


def randomisation(cluster, a, b):
    """sacreBLEU's paired approximate randomisation test, whose segments are our clusters."""
    metric = MeanMetric()
    stats_a, stats_b = (np.stack(sums(cluster, values), 1) for values in (a, b))
    baseline = {"mean": (stats_a, metric._aggregate_and_compute(stats_a))}
    ps = []
    for repeat in range(REPEATS):
        _, result = significance._paired_ar_test(baseline, "b", stats_b, None, {"mean": metric}, RESAMPLES,
                                                 seed=SEED + repeat)
        ps.append(result["mean"].p_value)
    return spread(ps)


def bootstrap_p(cluster, a, b):
    """Share of resampled differences, moved to a mean of 0, that are as far from 0 as the measured one."""
    s, n = sums(cluster, b - a)
    ps = []
    for repeat in range(REPEATS):
        rng = np.random.default_rng(SEED + repeat)
        drawn = rng.integers(CLUSTERS, size=(RESAMPLES, CLUSTERS))
        resampled = s[drawn].sum(1) / n[drawn].sum(1)
        ps.append((np.sum(abs(resampled - resampled.mean()) >= abs(s.sum() / n.sum())) + 1) / (RESAMPLES + 1))
    return spread(ps)


def standard_error(cluster, values):
    """Cluster-robust standard error of a regression on a constant."""
    model = sm.OLS(values, np.ones(len(values)))
    return float(model.fit(cov_type="cluster", cov_kwds={"groups": cluster}).bse[0])


def comparison(rng, name, shift):
    cluster, a, b = clustered_runs(rng, shift)
    alone = np.arange(len(a))
    return {
        "name": name, "cluster": cluster.tolist(), "a": a.tolist(), "b": b.tolist(),
        "percentile_a": intervals(cluster, a, "percentile"), "basic_a": intervals(cluster, a, "basic"),
        "percentile_difference": intervals(cluster, b - a, "percentile"),
        "basic_difference": intervals(cluster, b - a, "basic"),
        "randomisation_p": randomisation(cluster, a, b), "bootstrap_p": bootstrap_p(cluster, a, b),
        "standard_error": standard_error(cluster, b - a), "unclustered_standard_error": standard_error(alone, b - a),
    }


def mcnemar_tables():
    rows = []
    for b, c in [(0, 1), (1, 0), (3, 3), (0, 5), (7, 2), (10, 25), (40, 41), (121, 59), (1000, 1100), (5000, 5300),
                 (20000, 20500), (30000, 30011), (3, 1000)]:
        table = [[100, b], [c, 50]]
        exact, chi = mcnemar(table, exact=True), mcnemar(table, exact=False, correction=True)
        rows.append({"b": b, "c": c, "exact_statistic": float(exact.statistic), "exact_p": float(exact.pvalue),
                     "chi_statistic": float(chi.statistic), "chi_p": float(chi.pvalue)})
    return rows


def holm_lists(rng):
    lists = [[0.04], [0.01, 0.04, 0.03], [0.5, 0.5, 0.6], [0.001, 0.001, 0.02, 0.9], [0.0, 1.0, 0.05],
             rng.random(12).tolist(), (rng.random(9) ** 4).tolist()]
    return [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in lists]


def calibration_case(rng, n, digits):
    """Guo et al. (2017): bins (low, high] of equal width, the first one with 0; and accuracy at coverage."""
    confidence = rng.beta(3, 1.2, n).astype(np.float32)
    if digits:
        confidence = np.round(confidence, digits).astype(np.float32)
    value = (rng.random(n) < confidence.astype(float) ** 1.5).astype(float)
    value[::7] = rng.choice([0.3, 0.6, 0.9], len(value[::7]))
    edges = np.arange(1, 16) / 15
    bin_of = np.searchsorted(edges, confidence.astype(float), side="left")
    bins, ece, mce = [], 0.0, 0.0
    for m in range(15):
        inside = bin_of == m
        count = int(inside.sum())
        c, v = (confidence[inside].astype(float).mean(), value[inside].mean()) if count else (None, None)
        bins.append({"count": count, "confidence": c, "value": v})
        if count:
            ece += count / n * abs(v - c)
            mce = max(mce, abs(v - c))
    smooth = value.copy()  # equally confident samples are as good as their mean
    for c in np.unique(confidence):
        smooth[confidence == c] = value[confidence == c].mean()
    curve = np.cumsum(smooth[np.argsort(-confidence, kind="stable")]) / np.arange(1, n + 1)
    order = -np.sort(-confidence)
    ends = [k for k in range(1, n + 1) if k == n or order[k] < order[k - 1]]
    return {"confidence": [float(c) for c in confidence], "value": value.tolist(), "bins": bins, "ece": ece, "mce": mce,
            "accuracy_at": {f"{c:.2f}": curve[int(np.ceil(round(c * n, 6))) - 1] for c in (0.01, 0.1, 0.25, 0.5, 0.8, 1.0)},
            "coverage_at_risk": {f"{r:.2f}": max([k / n for k in ends if 1 - curve[k - 1] <= r], default=0.0)
                                 for r in (0.01, 0.05, 0.1, 0.2, 0.3)},
            "area_under_risk": float(np.mean(1 - curve))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    logging.disable(logging.INFO)
    rng = np.random.default_rng(SEED)
    levels = [1e-12, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.9999]
    fixture = {
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                     "statsmodels": statsmodels.__version__, "sacrebleu": sacrebleu.__version__},
        "seed": SEED, "repeats": REPEATS, "resamples": RESAMPLES, "level": LEVEL,
        "comparisons": [comparison(rng, "weak", 0.08), comparison(rng, "borderline", 0.035),
                        comparison(rng, "clear", 0.0)],
        "mcnemar": mcnemar_tables(), "holm": holm_lists(rng),
        "normal_quantiles": [{"p": p, "x": float(scipy.stats.norm.ppf(p))} for p in levels],
        "calibration": [calibration_case(rng, 500, 0), calibration_case(rng, 400, 2), calibration_case(rng, 1, 0)],
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(fixture, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
