#!/usr/bin/env python3
# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Nothing enters; the times that SymPy takes for the races of the suite `symbolic` leave as JSON, in a process of its own and with its
cache emptied before every call."""
import json
import sys
import time

import sympy
from sympy.core.cache import clear_cache

x, y = sympy.symbols("x y")


def formula(count):
    return " + ".join(f"{c}*sin(x*y + {c})*exp(x/(y + {c}))" for c in range(1, count + 1))


def least(function, rounds):
    times = []
    for _ in range(rounds):
        clear_cache()
        begin = time.process_time()
        function()
        times.append(time.process_time() - begin)
    return sorted(times)


def main():
    quick = "--quick" in sys.argv
    rounds = 3 if quick else 9
    results = {}
    for count in (4, 32) if quick else (4, 32, 256):
        operators = 8 * count - 1
        text = formula(count)
        f = sympy.parse_expr(text, local_dict={"x": x, "y": y})
        derivative = f.diff(x)
        results[f"parse {operators} operators"] = least(lambda: sympy.parse_expr(text, local_dict={"x": x, "y": y}), rounds)
        results[f"differentiate and simplify {operators} operators"] = least(lambda: f.diff(x), rounds)
        results[f"print the derivative of {operators} operators"] = least(lambda: str(derivative), rounds)
    power = (1 + x + y) ** 12
    results["expand (1 + x + y)^12"] = least(power.expand, rounds)
    json.dump({"version": sympy.__version__, "times": results}, sys.stdout)


if __name__ == "__main__":
    main()
