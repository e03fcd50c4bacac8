# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Raw results enter; ratios of contenders, pair by pair, with their intervals leave."""
import json
import pathlib
from math import comb

import numpy


def load(path):
    """The results of a run: a folder of results or its results.json."""
    path = pathlib.Path(path)
    return json.loads((path / "results.json" if path.is_dir() else path).read_text())


def races(results):
    return {(race["suite"], race["name"]): race for race in results["races"]}


def contender(race, name):
    return next((c for c in (race or {}).get("contenders", []) if c["name"] == name), None)


def median_interval(values):
    """The median and an interval that holds it with at least 95% probability, by order statistics."""
    values = numpy.sort(numpy.asarray(values, dtype=float))
    n, k, total = len(values), 0, 0.5 ** len(values)
    while total <= 0.025 and 2 * (k + 1) < n:
        k += 1
        total += comb(n, k) * 0.5**n
    low = max(k - 1, 0)
    return values[low], float(numpy.median(values)), values[n - 1 - low]


def ratio(race, one, other):
    """Low, middle, high of one's time over the other's in the same rounds; None where one of them did not run."""
    a, b = contender(race, one), contender(race, other)
    if not a or not b:
        return None
    rounds = min(len(a["times"]), len(b["times"]))
    return median_interval(numpy.array(a["times"][:rounds]) / numpy.array(b["times"][:rounds]))


def time_text(seconds):
    for limit, unit, scale in ((1e-6, "ns", 1e9), (1e-3, "µs", 1e6), (1, "ms", 1e3)):
        if seconds < limit:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"
