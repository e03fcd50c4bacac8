# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Formulas of sympy_formulas.cpp enter with ddx's values of them and their derivatives; SymPy differentiates the same formulas and
mpmath evaluates what it finds with 30 digits; a closing line `N passed, N failed` leaves.

    sympy_oracle.py FORMULAS_PROGRAM COUNT SEED
"""
import json
import subprocess
import sys

import mpmath
import sympy
from sympy import Piecewise, S


class step(sympy.Function):
    """A function that is constant between its jumps: its derivative is 0."""

    nargs = 1

    def fdiff(self, argindex=1):
        return S.Zero


class floor_(step):
    pass


class ceil_(step):
    pass


class round_(step):
    pass


class trunc_(step):
    pass


def away_from_zero(x):
    return mpmath.sign(x) * mpmath.floor(abs(x) + mpmath.mpf(1) / 2)


STEPS = {
    "floor_": mpmath.floor,
    "ceil_": mpmath.ceil,
    "round_": away_from_zero,
    "trunc_": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
}


def where(condition, a, b):
    return Piecewise((a, condition), (b, True))


MEANING = {
    "pi": lambda: sympy.pi,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negate": lambda a: -a,
    "pow": lambda a, b: a**b,
    "square": lambda a: a**2,
    "sqrt": sympy.sqrt,
    "cbrt": sympy.cbrt,
    "hypot": lambda a, b: sympy.sqrt(a**2 + b**2),
    "abs": lambda a: where(a > 0, a, -a),
    "sign": lambda a: where(a > 0, 1, where(a < 0, -1, 0)),
    "min": lambda a, b: where(a < b, a, b),
    "max": lambda a, b: where(a > b, a, b),
    "relu": lambda a: where(a > 0, a, 0),
    "heaviside": lambda a: where(a > 0, 1, where(a < 0, 0, S.Half)),
    "clamp": lambda a, low, high: where(a < low, low, where(a > high, high, a)),
    "exp": sympy.exp,
    "expm1": lambda a: sympy.exp(a) - 1,
    "exp2": lambda a: 2**a,
    "log": sympy.log,
    "log1p": lambda a: sympy.log(1 + a),
    "log2": lambda a: sympy.log(a) / sympy.log(2),
    "log10": lambda a: sympy.log(a) / sympy.log(10),
    "logaddexp": lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
    "xlogy": lambda a, b: a * sympy.log(b),
    "xlog1py": lambda a, b: a * sympy.log(1 + b),
    "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
    "softplus": lambda a: sympy.log(1 + sympy.exp(a)),
    "sinc": lambda a: sympy.sin(a) / a,
    "atan2": sympy.atan2,
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "erfinv": sympy.erfinv,
    "erfcinv": lambda a: sympy.erfinv(1 - a),
    "gamma": sympy.gamma,
    "lgamma": lambda a: sympy.log(where(sympy.gamma(a) > 0, sympy.gamma(a), -sympy.gamma(a))),
    "digamma": sympy.digamma,
    "trigamma": sympy.trigamma,
    "polygamma": sympy.polygamma,
    "beta": lambda a, b: sympy.gamma(a) * sympy.gamma(b) / sympy.gamma(a + b),
    "j0": lambda a: sympy.besselj(0, a),
    "j1": lambda a: sympy.besselj(1, a),
    "jn": sympy.besselj,
    "y0": lambda a: sympy.bessely(0, a),
    "y1": lambda a: sympy.bessely(1, a),
    "yn": sympy.bessely,
    "i0": lambda a: sympy.besseli(0, a),
    "i1": lambda a: sympy.besseli(1, a),
    "in": sympy.besseli,
    "sph_bessel": lambda n, a: sympy.sqrt(sympy.pi / (2 * a)) * sympy.besselj(n + S.Half, a),
    "floor": floor_,
    "ceil": ceil_,
    "round": round_,
    "trunc": trunc_,
    "fmod": lambda a, b: a - b * trunc_(a / b),
    "where": where,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "equal": sympy.Eq,
    "not_equal": sympy.Ne,
    "and": sympy.And,
    "or": sympy.Or,
    "not": sympy.Not,
}
for same_name in "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split():
    MEANING[same_name] = getattr(sympy, same_name)
# Reciprocals as such: SymPy's printer for mpmath writes y/coth(y) as y/(exp(y) + exp(-y))/(exp(y) - exp(-y)).
for reciprocal, inner in zip("sec csc cot sech csch coth".split(), "cos sin tan cosh sinh tanh".split()):
    MEANING[reciprocal] = lambda a, inner=inner: 1 / MEANING[inner](a)
    MEANING["a" + reciprocal] = lambda a, inner=inner: MEANING["a" + inner](1 / a)


class beyond_sympy(Exception):
    """SymPy cannot write the formula or its derivatives: it compares what is not real on the way, say."""


def build(nodes, inputs):
    made = []
    for name, *operands in nodes:
        if name == "input":
            made.append(inputs[operands[0]])
        elif name == "constant":
            made.append(sympy.Rational(*float.fromhex(operands[0]).as_integer_ratio()))
        else:
            made.append(MEANING[name](*[made[k] for k in operands]))
    return sympy.sympify(made[-1])


def check(line, inputs):
    formula = json.loads(line)
    x, y = inputs
    if unknown := {name for name, *_ in formula["nodes"]} - MEANING.keys() - {"input", "constant"}:
        return f"this oracle does not know the primitives {unknown}"
    try:
        f = build(formula["nodes"], inputs)
        fx = sympy.diff(f, x)
        wanted = [f, fx, sympy.diff(f, y), sympy.diff(fx, x), sympy.diff(fx, y)]
    except (TypeError, ValueError, NotImplementedError) as problem:
        raise beyond_sympy(f"{line}\n      {type(problem).__name__}: {problem}") from problem
    at = [mpmath.mpf(float.fromhex(t) if isinstance(t, str) else t) for t in formula["at"]]
    for way in ("values", "again"):
        for order, (expression, got) in enumerate(zip(wanted, formula[way])):
            try:
                want = sympy.lambdify(inputs, expression.xreplace({S.ComplexInfinity: S.NaN}), modules=[STEPS, "mpmath"])(*at)
            except (KeyError, AttributeError) as problem:  # infinities and complex numbers in branches not taken
                raise beyond_sympy(f"{line}\n      {type(problem).__name__}: {problem}") from problem
            got = float.fromhex(got)
            if want is None or mpmath.isnan(want) or mpmath.im(want) != 0:
                raise beyond_sympy(f"{line}\n      SymPy's {expression} is {want}")
            if not abs(got - want) <= 1e-7 * (1 + abs(want)):
                return f"{f}\n      at {formula['at']}: {('value', 'd/dx', 'd/dy', 'd2/dx2', 'd2/dxdy')[order]} is {got}, SymPy says {want}"
    return None


def main():
    program, count, seed = sys.argv[1:]
    mpmath.mp.dps = 30
    inputs = sympy.symbols("x y")
    lines = subprocess.run([program, count, seed], check=True, capture_output=True, text=True).stdout.splitlines()
    passed = failed = 0
    beyond = []
    for line in lines:
        try:
            problem = check(line, inputs)
        except beyond_sympy as formula:
            beyond.append(formula)
            continue
        except Exception as exception:
            problem = f"{line}\n      {type(exception).__name__}: {exception}"
        if problem:
            failed += 1
            print("FAIL ", problem)
        else:
            passed += 1
    if len(beyond) > len(lines) // 50:
        failed += 1
        print(f"FAIL  SymPy cannot follow {len(beyond)} of {len(lines)} formulas, such as", beyond[0])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
