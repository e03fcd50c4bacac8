#!/usr/bin/env python3
# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""The raw results of a run enter; a report as Markdown and HTML with its pictures, the page docs/benchmarks.md and README's figures leave.

    report.py FOLDER --results RESULTS [--command TEXT] [--page FILE] [--readme FILE]

FOLDER holds races.json, compile.json and perhaps sympy.json; the report goes to RESULTS/DATE-CPU/, which `./dev bench --compare` takes."""
import argparse
import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import bars
import pictures
import results as of
from page import Page

PACKAGES = """libeigen3-dev libopenblas-serial-dev libblis-serial-dev libtorch-dev libadolc-dev libtrilinos-sacado-dev r-cran-stanheaders
libceres-dev libboost-dev libginac-dev python3-sympy libbenchmark-dev libc6""".split()

# What each contender does; the prefix of its name.
CONTENDERS = [
    ("by hand, AVX2", "AVX2 intrinsics, derived on paper: blocks for registers and caches, updates fused, gradients gathered, exp and log inlined where they are the work"),
    ("by hand, plain", "plain loops at -O3, derived by hand"),
    ("by hand, -ffast-math", "the same with -ffast-math"),
    ("by hand", "plain loops at -O3, derived by hand"),
    ("ddx, native", "formulas and `fn`, compiled for this CPU"),
    ("ddx tensor", "the tape of tensors; the library is compiled for this CPU"),
    ("ddx real", "the tape of numbers; the library is compiled for this CPU"),
    ("ddx", "formulas and `fn`, compiled for AVX2 as the loops by hand are"),
    ("Eigen AutoDiffScalar", "forward mode, fixed size"),
    ("Eigen", "derived by hand, whole-array expressions, products with noalias(), compiled for AVX2"),
    ("OpenBLAS", "derived by hand, gemv and gemm with the updates in their beta; one thread; it chooses its kernels for the CPU, told which where it is too old to know"),
    ("BLIS", "the same"),
    ("libtorch", "eager, one thread: mv, addmm, fused losses, autograd::grad, updates in place; malloc tuned to keep its memory"),
    ("ADOL-C", "taped once and computed anew by its drivers; or taped in each call"),
    ("Sacado", "Rad::ADvar, recorded in each call"),
    ("Stan Math", "var, recorded in a nested part of its stack in each call"),
    ("ceres::Jet", "forward mode, fixed size"),
    ("Boost.Math autodiff", "forward mode, fixed size"),
    ("GiNaC", "in the same process"),
    ("SymPy", "in a process of its own, its cache emptied before each call"),
]


def output(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def collect(folder):
    results = json.loads((folder / "races.json").read_text())
    results["date"] = datetime.date.today().isoformat()
    results["commit"] = output(["git", "rev-parse", "--short", "HEAD"])
    results["versions"] = dict(line.split(" ", 1) for line in output(["dpkg-query", "-W", "-f=${Package} ${Version}\n", *PACKAGES]).splitlines() if " " in line and not line.endswith(" "))
    for package in PACKAGES:  # one that is missing makes dpkg-query fail as a whole
        if package not in results["versions"] and (version := output(["dpkg-query", "-W", "-f=${Version}", package])):
            results["versions"][package] = version
    results["compilers"] = [line for line in (output([c, "--version"]).split("\n")[0] for c in ("g++", "clang++-19")) if line]
    if (folder / "compile.json").exists():
        results["compile"] = json.loads((folder / "compile.json").read_text())
    if (folder / "sympy.json").exists():
        results["sympy"] = json.loads((folder / "sympy.json").read_text())
    return results


def slug(results):
    cpu = re.sub(r"[^a-z0-9]+", "-", f"{results['machine']['cpu']} {results['machine'].get('cpu_family', '')}-{results['machine'].get('cpu_model', '')}".lower()).strip("-")
    return f"{results['date']}-{cpu}" + ("-quick" if results["quick"] else "")


def bar_rows(results):
    """Every bar: what, measured, limit, verdict."""
    races = of.races(results)
    rows = []
    for suite, name, one, other, limit in bars.RATIOS:
        race = races.get((suite, name))
        what = f"{suite} · {name}: {one} / {other}"
        if race is None:
            rows.append((what, "not in this run", f"≤ {limit:g}", "not measured"))
            continue
        measured = of.ratio(race, one, other)
        if measured is None:
            reason = next((a["reason"] for a in race.get("absent", []) if a["name"] in (one, other)), f"{other if of.contender(race, one) else one} is missing")
            rows.append((what, reason, f"≤ {limit:g}", "**missed**" if not of.contender(race, one) and one.startswith("ddx") else "not measured"))
            continue
        low, middle, high = measured
        busy = " (busy)" if race.get("busy") else ""
        rows.append((what, f"{middle:.3g} [{low:.3g}, {high:.3g}]{busy}", f"≤ {limit:g}", "met" if middle <= limit else "**missed**"))
    for suite, name, one, limit, unit, measure in bars.FIGURES:
        race = races.get((suite, name))
        c = of.contender(race, one)
        if c:
            value = measure(c, race["divided_by"])
            rows.append((f"{suite} · {name}: {one}", f"{value:.3g} {unit}", f"≤ {limit:g}", "met" if value <= limit else "**missed**"))
    return rows


def losses(results):
    """Races in which somebody else was faster than the best of ddx."""
    rows = []
    for race in results["races"]:
        contenders = pictures.timed(race)
        ours = [c for c in contenders if c["name"].startswith("ddx") and c["name"] not in ("ddx real, recording", "ddx real, going back", "ddx real, replaying")]
        others = [c for c in contenders if not c["name"].startswith("ddx")]
        if not ours or not others:
            continue
        best, winner = min(ours, key=lambda c: c["seconds"]), min(others, key=lambda c: c["seconds"])
        low, middle, high = of.ratio(race, best["name"], winner["name"])
        if low > 1.04:
            reason = next((why for suite, pattern, why in bars.REASONS if re.fullmatch(suite, race["suite"]) and re.search(pattern, race["name"])), "")
            rows.append((f"{race['suite']} · {race['name']}", best["name"], winner["name"], f"{middle:.3g} [{low:.3g}, {high:.3g}]", reason))
    return rows


def race_table(page, races):
    """A row a contender, a column a race: the time, and the ratio to the baseline beneath."""
    names = []
    for race in races:
        names += [c["name"] for c in pictures.timed(race) if c["name"] not in names]
        names += [a["name"] for a in race.get("absent", []) if a["name"] not in names]
    order = [name for name, _ in CONTENDERS]
    names.sort(key=lambda n: next((i for i, prefix in enumerate(order) if n.startswith(prefix)), 99))
    head = ["", *(race["name"] for race in races)]
    rows = []
    for name in names:
        row = [f"**{name}**" if name.startswith("ddx") else name]
        for race in races:
            c = of.contender(race, name)
            if not c:
                row.append("–")
                continue
            text = of.time_text(c["seconds"] / race["divided_by"])
            if name != race["baseline"]:
                text += f" · {c['ratio']:.3g}"
            if "of_roof" in c:
                text += f" · {100 * c['of_roof']:.0f}%"
            row.append(text)
        rows.append(row)
    page.table(head, rows)


def remarks_on(races):
    """What contenders say of themselves and why some are absent, once for all of the same race."""
    said = {}
    for race in races:
        for name, text in [(c["name"], c["note"]) for c in pictures.timed(race) if c.get("note")] + [(a["name"], a["reason"]) for a in race.get("absent", [])]:
            said.setdefault((race["name"], text), []).append(name)
    return [f"{race}: {text} ({'; '.join(names)})" for (race, text), names in said.items()]


def describe_run(page, results, command):
    machine = results["machine"]
    page.heading("The run")
    page.table(
        ["", ""],
        [
            ("command", f"`{command}`"),
            ("date", results["date"]),
            ("commit", results["commit"]),
            ("CPU", f"{machine['cpu']} (family {machine.get('cpu_family')}, model {machine.get('cpu_model')}), {machine['cores']} cores, measured clock {max(g for r in results['races'] for g in r.get('ghz', [0])):.2f} GHz"),
            ("data caches", ", ".join(f"L{i + 1} {size // 1024} KiB" for i, size in enumerate(machine["cache"]))),
            ("system", f"{machine['system']}, {machine['kernel']}, transparent huge pages: {machine.get('huge_pages', '')}"),
            ("compilers", "; ".join(results["compilers"])),
            ("flags", "`-std=c++20 -O3 -march=x86-64-v3`, rows marked native `-march=native`"),
            ("rounds", f"{results['rounds']}, of at least {1000 * results['slot']:g} ms for each contender"),
            ("others on the machine", f"{results['others']:.2f} processors on average"),
            ("races in which the same contender twice differed by more than 10%", str(sum(bool(r.get("busy")) for r in results["races"]))),
        ],
    )
    page.paragraph("Libraries: " + ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items())) + ".")
    missing = [package for package in PACKAGES if package not in results["versions"]]
    if missing:
        page.paragraph("Not installed, so their columns are missing: " + ", ".join(missing) + ". `./dev bench --peers` installs them.")
    page.paragraph(
        "Contenders run interleaved, one slot each in every round, in an order drawn anew each time; the baseline runs twice, as a control. Times are processor "
        "time, medians over rounds; ratios are medians of the ratios within rounds, in brackets an interval that holds them with 95% probability, by order "
        "statistics. Everyone is checked against a reference in double precision before it is timed. Less than 4% is a tie."
    )
    wrong = [(race, w) for race in results["races"] for w in race.get("wrong", [])]
    if wrong:
        page.items(f"**wrong**: {race['name']}, {w['name']}: {w['difference']}" for race, w in wrong)


def roofs(page, results):
    page.heading("Roofs")
    peaks = ", ".join(f"{label} {results['roofs'][key]['float'] / 1e9:.0f} GF/s float, {results['roofs'][key]['double'] / 1e9:.0f} double" for key, label in (("fma_avx2", "AVX2"), ("fma_avx512", "AVX-512")) if key in results["roofs"])
    page.paragraph(f"Fused multiply-adds of one core: {peaks}. Bandwidths of one core in GB/s:")
    page.table(
        ["memory", "bytes", "read", "in place", "triad"],
        [(m["place"], m["bytes"], f"{m['read'] / 1e9:.0f}", f"{m['in_place'] / 1e9:.0f}", f"{m['triad'] / 1e9:.0f}") for m in results["roofs"]["memory"]],
    )


SUITES = [
    ("step", "Steps of learning", "A: linear model of 784 features on Fashion-MNIST pullovers and dresses, sigmoid and binary cross-entropy. B: 784-30-1, relu. C: 784-128-10, relu, softmax. "
     "D: the sum of squares of N numbers. Each with gradient and update. Each cell: time a step · times the baseline · percent of the roof that binds: a multiply-add of AVX2 for each element that a sum of the "
     "step's graph reads and for each that it writes, each byte moved once at the bandwidth of memory of that size. Code for AVX-512 may exceed 100%."),
    ("functions", "Values and gradients of standard functions", "In double. Each cell: time a call · times plain loops by hand."),
    ("tape", "Tapes", "Each cell: time an item · times plain loops by hand. Items: terms of Rosenbrock's sum, multiply-adds of the regression, else calls."),
    ("symbolic", "Formulas at run time", "Each cell: time an operator, or a term of the expansion · times GiNaC. ddx simplifies derivatives as it makes them."),
    ("scaling", "Scaling", "Each cell: time an element or row · times loops by hand. On threads: time a step by the clock, which other work on the machine disturbs."),
]


def build(results, folder, command):
    page = Page("Benchmarks")
    page.paragraph("Generated by `./dev bench`; how it measures, what it ran on and where ddx loses.")
    describe_run(page, results, command)
    page.heading("Bars")
    rows = bar_rows(results)
    met = sum(row[3] == "met" for row in rows)
    page.paragraph(f"{met} of {len(rows)} met.")
    page.table(["bar", "measured", "limit", ""], rows)
    page.heading("Where ddx loses")
    page.table(["race", "best of ddx", "fastest", "times as long", "likely why"], losses(results))
    roofs(page, results)
    if picture := pictures.roofline(results, folder):
        page.picture(picture, "the roofline with every contender")
    for suite, title, text in SUITES:
        races = [race for race in results["races"] if race["suite"] == suite]
        if not races:
            continue
        page.heading(title)
        page.paragraph(text)
        for i in range(0, len(races), 6):
            race_table(page, races[i : i + 6])
        if remarks := remarks_on(races):
            page.items(remarks)
        if suite == "scaling":
            if picture := pictures.scaling(results, folder):
                page.picture(picture, "time an element against size")
        elif picture := pictures.bars(races, folder, suite):
            page.picture(picture, f"{title}: bars by contender")
        if suite == "symbolic" and "sympy" in results:
            times = results["sympy"]["times"]
            rows = [(name, of.time_text(seconds[0]), f"{seconds[0] / ours['least']:.3g}") for name, seconds in times.items() if (ours := of.contender(of.races(results).get(("symbolic", name)), "ddx"))]
            page.paragraph(f"SymPy {results['sympy']['version']}, the least of {len(next(iter(times.values())))} calls:")
            page.table(["", "time a call", "times ddx"], rows)
    if "compile" in results:
        page.heading("What programs cost to compile")
        page.paragraph("`-std=c++20 -O3 -c`, processor seconds and peak memory.")
        page.table(
            ["program", "compiler", "seconds", "MB", "object, KB", ""],
            [(r["program"], r["compiler"], f"{r['seconds']:.2f}", f"{r['megabytes']:.0f}", f"{r['object'] / 1024:.1f}", r.get("verdict", "")) if "seconds" in r else (r["program"], r["compiler"], r["error"], "", "", "") for r in results["compile"]],
        )
        if picture := pictures.compile_cost(results["compile"], folder):
            page.picture(picture, "seconds against operators")
    present = {c["name"] for race in results["races"] for c in race.get("contenders", [])}
    page.heading("Contenders")
    page.items(f"{name}: {text}" for name, text in CONTENDERS if any(p.startswith(name) for p in present) or name == "SymPy")
    return page


README_RACES = [
    ("step", "A 12000 float", "linear model, 12,000 Fashion-MNIST images, float: loss, gradient and update", ("ddx", "by hand, AVX2", "Eigen", "libtorch")),
    ("step", "A 12000 uint8", "the same on bytes", ("ddx", "by hand, AVX2")),
    ("functions", "logistic regression 1000x100", "logistic regression 1000 x 100, double: value and gradient", ("ddx", "by hand, AVX2", "Stan Math", "ceres::Jet")),
    ("functions", "Black-Scholes 1024", "1024 options with all greeks, double", ("ddx", "by hand, AVX2", "Stan Math")),
    ("tape", "logistic regression 1000x100", "the same regression on a tape, a multiply-add", ("ddx real", "ADOL-C, taped once", "Sacado", "Stan Math")),
]


def figures(results):
    lines = ["| | |", "|---|---|"]
    for suite, name, text, names in README_RACES:
        race = of.races(results).get((suite, name))
        cells = [f"{n} {of.time_text(c['seconds'] / race['divided_by'])}" for n in names if (c := of.contender(race, n))]
        if cells:
            lines.append(f"| {text} | {', '.join(cells)} |")
    return "\n".join(lines)


def replace_between(path, begin, end, text):
    content = path.read_text()
    if begin not in content or end not in content:
        sys.exit(f"report: {path} has no lines {begin} and {end}")
    head, rest = content.split(begin, 1)
    write(path, head + begin + "\n" + text + "\n" + end + rest.split(end, 1)[1])


def write(path, text):
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--command", default="./dev bench")
    parser.add_argument("--page", type=pathlib.Path)
    parser.add_argument("--readme", type=pathlib.Path)
    chosen = parser.parse_args()
    results = collect(chosen.folder)
    target = chosen.results / slug(results)
    chosen.results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=chosen.results) as part:
        folder = pathlib.Path(part) / "report"
        folder.mkdir()
        page = build(results, folder, chosen.command)
        (folder / "results.json").write_text(json.dumps(results, indent=1))
        (folder / "report.md").write_text(page.markdown())
        (folder / "report.html").write_text(page.html())
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    if chosen.page:
        write(chosen.page, page.markdown(pictures=False))
    if chosen.readme:
        replace_between(chosen.readme, "<!-- figures of ./dev bench -->", "<!-- end of figures -->", figures(results) + f"\n\n{results['machine']['cpu']}, one core, {results['date']}.")
    missed = [row for row in bar_rows(results) if "missed" in row[3]]
    print(f"{target}/report.html; {len(missed)} bars missed")


if __name__ == "__main__":
    main()
