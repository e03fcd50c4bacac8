#!/usr/bin/env python3
# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Two runs enter; what of ddx got slower or faster, with intervals, leaves. The exit status is 1 where something lost more than allowed.

    compare.py OLD NEW [--loss PERCENT] [--all]

Machines differ and so do their days: what is compared is each contender's time over that of the baseline in the same rounds, such as the
loop written by hand, which did not change."""
import argparse
import sys

import numpy

import results


def quotient_interval(old, new, draws=2000):
    """The quotient of the medians of two sets of ratios, with an interval of 95% by bootstrap."""
    random = numpy.random.default_rng(1)
    old, new = numpy.asarray(old), numpy.asarray(new)
    medians = [numpy.median(random.choice(v, (draws, len(v))), axis=1) for v in (old, new)]
    low, high = numpy.quantile(medians[1] / medians[0], (0.025, 0.975))
    return low, float(numpy.median(new) / numpy.median(old)), high


def relative_times(race, name):
    own, base = results.contender(race, name), results.contender(race, race["baseline"])
    rounds = min(len(own["times"]), len(base["times"]))
    return numpy.array(own["times"][:rounds]) / numpy.array(base["times"][:rounds])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--loss", type=float, default=10, help="percent that may be lost before the exit status is 1")
    parser.add_argument("--all", action="store_true", help="other contenders too, and what did not change")
    chosen = parser.parse_args()
    old, new = results.races(results.load(chosen.old)), results.races(results.load(chosen.new))
    lost = False
    print(f"{'race':46} {'contender':34} {'new/old':>8}  interval")
    for key, race in new.items():
        before = old.get(key)
        if not before or not race.get("contenders") or race["baseline"] != before.get("baseline"):
            continue
        for c in race["contenders"]:
            name = c["name"]
            if name == race["baseline"] or name.endswith(", again") or not results.contender(before, name):
                continue
            if not chosen.all and not name.startswith("ddx"):
                continue
            low, middle, high = quotient_interval(relative_times(before, name), relative_times(race, name))
            slower = low > 1 + chosen.loss / 100 and name.startswith("ddx")
            lost = lost or slower
            if chosen.all or low > 1.02 or high < 0.98:
                busy = "  (busy)" if race.get("busy") or before.get("busy") else ""
                print(f"{' · '.join(key):46} {name:34} {middle:8.3f}  [{low:.3f}, {high:.3f}]{'  SLOWER' if slower else ''}{busy}")
    missing = sorted(set(old) - set(new))
    if missing:
        print("not in the new run: " + ", ".join(" · ".join(key) for key in missing))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
