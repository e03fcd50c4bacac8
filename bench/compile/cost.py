#!/usr/bin/env python3
# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Compilers, their flags and programs enter; a table of what each program costs to compile leaves: seconds of processor time, peak
memory, object size. Programs of N operators are sums of N/8 terms over ten inputs, with their derivatives.

    cost.py [--quick] [--peers] [--rounds N] [--json FILE] [--flags=FLAGS] COMPILER…
"""
import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
INPUTS = [f"x{i}" for i in range(10)]
HEAD = "#include <ddx/ddx.hpp>\n"
BOUNDS = {  # seconds, megabytes
    ("a first formula, derived and printed", "g++"): (2.0, None),
    ("Rosenbrock + Black-Scholes, fn", "g++"): (2.0, 250),
    ("800 operators, fn, gradient", "g++"): (5.0, None),
    ("50 operators, formula, derivative", "g++"): (2.0, None),
}


def terms(operators):
    """Terms of eight operators each."""
    for i in range(max(operators // 8, 1)):
        a, b, c, d = (INPUTS[(i * step + offset) % 10] for step, offset in ((1, 0), (3, 1), (7, 2), (1, 5)))
        yield f"{i + 1} * sin({a} * {b} + {i + 2}) * exp({c} / {d} - {i + 1})"


def as_function(operators):
    parameters = ", ".join(f"auto {name}" for name in INPUTS)
    names = ", ".join(f'"{name}"' for name in INPUTS)
    lines = "".join(f"  t = t + {term};\n" for term in terms(operators))
    return (
        f"{HEAD}constexpr auto f = ddx::value_and_grad(ddx::fn<{names}>([]({parameters}) {{\n"
        f"  auto t = {INPUTS[0]};\n{lines}  return t;\n}}));\n"
        f"auto run(double const* p) {{ return f({', '.join(f'p[{i}]' for i in range(10))}); }}\n"
    )


def as_formula(operators):
    variables = "".join(f'constexpr ddx::var<"{name}"> {name};\n' for name in INPUTS)
    text = " + ".join(terms(operators))
    bindings = ", ".join(f"{name} = p[{i}]" for i, name in enumerate(INPUTS) if name in text)
    return (
        f"{HEAD}{variables}constexpr auto f = {text};\n"
        f"constexpr auto slope = diff(f, x0);\n"
        f"double run(double const* p) {{ return ddx::eval<f>({bindings}) + ddx::eval<slope>({bindings}); }}\n"
    )


def as_loop(operators):
    """The same terms of arrays, summed: a kernel of value and gradient."""
    arrays = "".join(f'constexpr ddx::array<"{name}", "n"> {name};\n' for name in INPUTS)
    names, parameters = ", ".join(INPUTS), ", ".join(f"auto {name}" for name in INPUTS)
    lines = "".join(f"  t = t + {term};\n" for term in terms(operators))
    views = ", ".join(f"{name} = ddx::view(p + {i} * n, n)" for i, name in enumerate(INPUTS))
    gradients = ", ".join(f"ddx::view(g + {i} * n, n)" for i in range(len(INPUTS)))
    return (
        f"{HEAD}{arrays}constexpr auto f = ddx::fn(ddx::args({names}), []({parameters}) {{\n"
        f'  auto t = {INPUTS[0]};\n{lines}  return ddx::sum<"n">(t);\n}});\n'
        f"double run(double const* p, double* g, long n) {{\n  double value = 0;\n"
        f"  ddx::compile<f, ddx::grad(f, {names})>()(ddx::into(value, {gradients}), {views});\n  return value;\n}}\n"
    )


def as_text(operators):
    return as_formula(operators).replace(
        f"constexpr auto f = {' + '.join(terms(operators))};", f'constexpr auto f = ddx::formula<"{" + ".join(terms(operators))}">;'
    )


def as_plain(operators):
    parameters = ", ".join(f"double {name}" for name in INPUTS)
    return f"#include <cmath>\nusing namespace std;\ndouble run({parameters}) {{ return {' + '.join(terms(operators))}; }}\n"


# Rosenbrock's function of two with its gradient, as each library's documentation writes it: package, flags, head, body.
ROSENBROCK = "template <class T> T f(T const& x, T const& y) { T a = y - x * x, b = 1.0 - x; return 100.0 * a * a + b * b; }\n"
PEERS = {
    "ADOL-C": ([], "adolc/adolc.h", "void run(double* p, double* g) { trace_on(1); adouble x, y; x <<= p[0]; y <<= p[1]; adouble z = f(x, y); double v; z >>= v; trace_off(); gradient(1, 2, p, g); }"),
    "Sacado": (["-isystem/usr/include/trilinos", "-isystem/usr/lib/x86_64-linux-gnu/openmpi/include", "-DOMPI_SKIP_MPICXX"], "Sacado.hpp",
               "void run(double* p, double* g) { Sacado::Rad::ADvar<double> x(p[0]), y(p[1]), z = f(x, y); Sacado::Rad::ADcontext<double>::Gradcomp(); g[0] = x.adj(); g[1] = y.adj(); }"),
    "Stan Math": (["-isystem/usr/lib/R/site-library/StanHeaders/include", "-isystem/usr/include/eigen3", "-D_REENTRANT"], "stan/math.hpp",
                  "void run(double* p, double* g) { stan::math::var x(p[0]), y(p[1]), z = f(x, y); z.grad(); g[0] = x.adj(); g[1] = y.adj(); stan::math::recover_memory(); }"),
    "ceres::Jet": (["-isystem/usr/include/eigen3"], "ceres/jet.h", "void run(double* p, double* g) { using J = ceres::Jet<double, 2>; J z = f(J(p[0], 0), J(p[1], 1)); g[0] = z.v[0]; g[1] = z.v[1]; }"),
    "Boost.Math autodiff": ([], "boost/math/differentiation/autodiff.hpp",
                            "void run(double* p, double* g) { using namespace boost::math::differentiation; auto const v = make_ftuple<double, 1, 1>(p[0], p[1]); "
                            "using N = decltype(std::get<0>(v) + std::get<1>(v)); N z = f<N>(std::get<0>(v), std::get<1>(v)); g[0] = z.derivative(1, 0); g[1] = z.derivative(0, 1); }"),
    # Its headers use std::vector of a type before it is complete, which C++20 refuses with clang.
    "libtorch": (["-std=c++17", "-isystem/usr/include/torch/csrc/api/include"], "torch/torch.h",
                 "void run(double* p, double* g) { auto x = torch::tensor(p[0], torch::requires_grad()), y = torch::tensor(p[1], torch::requires_grad()); auto a = y - x * x, b = 1.0 - x; (100.0 * a * a + b * b).backward(); g[0] = x.grad().item<double>(); g[1] = y.grad().item<double>(); }"),
    "GiNaC": ([], "ginac/ginac.h", "GiNaC::ex run(GiNaC::symbol x, GiNaC::symbol y) { return f<GiNaC::ex>(x, y).diff(x); }"),
}
SLOW_PEERS = ("Stan Math", "libtorch", "Boost.Math autodiff")


def peers(compiler, quick):
    """The peers whose headers are here."""
    for name, (flags, header, body) in PEERS.items():
        if quick and name in SLOW_PEERS:
            continue
        probe = subprocess.run([*shlex.split(compiler), "-std=c++20", *flags, "-E", "-include", header, "-x", "c++", "/dev/null"], capture_output=True)
        if probe.returncode == 0:
            yield f"Rosenbrock, {name}", flags, f"#include <{header}>\n{ROSENBROCK}{body}\n"


def programs(quick):
    if quick:
        yield "a first formula, derived and printed", (HERE / "first_formula.cpp").read_text(), None
        yield "Rosenbrock + Black-Scholes, fn", (HERE / "rosenbrock_black_scholes.cpp").read_text(), None
        yield "the step of a linear model, loop", (HERE / "linear_step.cpp").read_text(), None
        for operators in (20, 100):
            yield f"{operators} operators, fn, gradient", as_function(operators), ("fn, gradient", operators)
            yield f"{operators} operators, formula, derivative", as_formula(operators), ("formula, derivative", operators)
            yield f"{operators} operators, loop, gradient", as_loop(operators), ("loop, gradient", operators)
        return
    for name, source in all_programs():
        found = re.match(r"(\d+) operators, (.*)", name)
        yield name, source, (found[2], int(found[1])) if found else None


def all_programs():
    yield "the header alone", HEAD
    yield "the step of a linear model, loop", (HERE / "linear_step.cpp").read_text()
    yield "a first formula, derived and printed", (HERE / "first_formula.cpp").read_text()
    yield "Rosenbrock + Black-Scholes, fn", (HERE / "rosenbrock_black_scholes.cpp").read_text()
    yield "50 operators, formula, derivative", as_formula(50)
    yield "50 operators, text, derivative", as_text(50)
    yield "800 operators, fn, gradient", as_function(800)
    for operators in (20, 100, 400, 1500):
        yield f"{operators} operators, no derivative, no ddx", as_plain(operators)
        yield f"{operators} operators, fn, gradient", as_function(operators)
        if operators <= 400:  # a formula is refused above 2,000 operators and operands
            yield f"{operators} operators, formula, derivative", as_formula(operators)
            yield f"{operators} operators, loop, gradient", as_loop(operators)


def limits(compiler, name):
    """clang stops constant evaluation after a million steps unless told otherwise: enough for about 900 operators with a gradient."""
    return ["-fconstexpr-steps=16777216"] if "clang" in compiler and name.startswith("1500") else []


def compile_once(compiler, flags, source, folder):
    program, result = folder / "program.cpp", folder / "program.o"
    program.write_text(source)
    process = subprocess.Popen([*shlex.split(compiler), "-std=c++20", "-O3", *flags, "-c", program, "-o", result], stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        lines = errors.decode(errors="replace").strip().splitlines()
        return {"error": next((line.partition("error: ")[2] for line in lines if "error: " in line), f"exit status {process.returncode}")}
    return {"seconds": usage.ru_utime + usage.ru_stime, "megabytes": usage.ru_maxrss / 1024, "object": result.stat().st_size}


def measure(compiler, flags, source, rounds):
    """The least of several rounds: other work on the machine only adds."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [compile_once(compiler, flags, source, pathlib.Path(folder)) for _ in range(rounds)]
    if "error" in runs[0]:
        return runs[0]
    return {key: min(run[key] for run in runs) for key in runs[0]}


def verdict(name, compiler, cost):
    seconds, megabytes = BOUNDS.get((name, pathlib.Path(shlex.split(compiler)[0]).name), (None, None))
    if seconds is None:
        return ""
    met = cost["seconds"] <= seconds and (megabytes is None or cost["megabytes"] <= megabytes)
    return f"{'met' if met else 'missed'}: at most {seconds} s" + (f", {megabytes} MB" if megabytes else "")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--flags", default="")
    arguments.add_argument("compilers", nargs="+")
    arguments.add_argument("--quick", action="store_true", help="a few programs, once")
    arguments.add_argument("--peers", action="store_true", help="what others' headers cost too, where they are")
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument("--json", type=pathlib.Path)
    chosen = arguments.parse_args()
    rounds = chosen.rounds or (1 if chosen.quick else 3)
    results = []
    print(f"{'program':44} {'compiler':12} {'seconds':>8} {'MB':>6} {'object KB':>10}")
    for compiler in chosen.compilers:
        work = [(name, shlex.split(chosen.flags) + limits(compiler, name), source, curve) for name, source, curve in programs(chosen.quick)]
        if chosen.peers:
            work += [(name, flags, source, None) for name, flags, source in peers(compiler, chosen.quick)]
        for name, flags, source, curve in work:
            cost = measure(compiler, flags, source, 1 if any(name.endswith(slow) for slow in SLOW_PEERS) else rounds)
            results.append({"program": name, "compiler": compiler, **cost})
            if curve:
                results[-1].update(form=curve[0], operators=curve[1])
            if "error" in cost:
                print(f"{name:44} {compiler:12} {cost['error']}")
                continue
            results[-1]["verdict"] = verdict(name, compiler, cost)
            print(f"{name:44} {compiler:12} {cost['seconds']:8.2f} {cost['megabytes']:6.0f} {cost['object'] / 1024:10.1f}  {results[-1]['verdict']}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1))
    # A peer's headers that do not compile are told in their row.
    return 1 if any("error" in result and result["program"].removeprefix("Rosenbrock, ") not in PEERS for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
