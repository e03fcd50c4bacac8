# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""Results enter; pictures leave as SVG files: bars by contender, the roofline, scaling, what programs cost to compile."""
import os

os.environ.setdefault("MPLCONFIGDIR", "/nonexistent")
import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"font.size": 8, "svg.fonttype": "none", "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "ddx"})
import matplotlib.pyplot as plot
from matplotlib import ticker
import numpy

OURS, OTHERS = "#c0392b", "#7f8c8d"
MARKS = "osD^v<>Phx*+dX"


def colour(name):
    return OURS if name.startswith("ddx") else "#2c6fbb" if name.startswith("by hand") else OTHERS


def save(figure, folder, name):
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    plot.close(figure)
    return f"{name}.svg"


def plain_numbers(axis):
    """1, 2, 5 and 10 instead of powers of ten on a logarithmic axis."""
    axis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def timed(race):
    return [c for c in race.get("contenders", []) if not c["name"].endswith(", again")]


def bars(races, folder, name):
    """One panel a race: the time of each contender over the baseline's, with the interval. The axis is logarithmic and bars begin at the baseline:
    to the left is faster, and the length of a bar says how many times."""
    races = [race for race in races if len(timed(race)) > 1]
    if not races:
        return None
    columns = 3
    rows = (len(races) + columns - 1) // columns
    figure, axes = plot.subplots(rows, columns, figsize=(12, 0.35 + 2.3 * rows), squeeze=False)
    for axis in axes.flat[len(races) :]:
        axis.axis("off")
    for axis, race in zip(axes.flat, races):
        all_of_them = sorted(timed(race), key=lambda c: -c["ratio"])
        ratios = numpy.array([c["ratio"] for c in all_of_them])
        low = ratios - numpy.minimum([c["ratio_interval"][0] for c in all_of_them], ratios)
        high = numpy.maximum([c["ratio_interval"][1] for c in all_of_them], ratios) - ratios
        axis.barh(range(len(ratios)), ratios - 1, left=1, color=[colour(c["name"]) for c in all_of_them], xerr=[low, high], error_kw={"elinewidth": 0.7})
        axis.set_yticks(range(len(ratios)), [c["name"] for c in all_of_them])
        axis.axvline(1, color="black", linewidth=0.6)
        axis.set_xscale("log")
        axis.set_xlim(min(ratios.min() / 1.3, 0.7), max(ratios.max() * 1.3, 1.5))
        if axis.get_xlim()[1] < 20 * axis.get_xlim()[0]:  # powers of ten alone would say too little
            axis.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        plain_numbers(axis.xaxis)
        axis.set_title(f"{race['name']}: time / {race['baseline']}", fontsize=8)
    figure.tight_layout()
    return save(figure, folder, name)


def intensities(races):
    """Operations a byte with the models that have them: races with nearly the same share a label, without their sizes."""
    groups = []
    for race in sorted(races, key=lambda race: race["roof"]["flops"] / race["roof"]["bytes"]):
        intensity, (model, _, kind) = race["roof"]["flops"] / race["roof"]["bytes"], race["name"].split(" ")
        if not groups or intensity > 1.2 * groups[-1][0]:
            groups.append((intensity, []))
        label = f"{model} {kind}" if kind == "uint8" else model
        if label not in groups[-1][1]:
            groups[-1][1].append(label)
    return [(intensity, ", ".join(labels)) for intensity, labels in groups]


def roofline(results, folder):
    """Operations a second against operations a byte, both counted from the graph; every contender of every step."""
    races = [race for race in results["races"] if race["suite"] == "step" and "roof" in race and race["roof"]["flops"] > 0]
    if not races:
        return None
    figure, axes = plot.subplots(1, 2, figsize=(12, 5))
    for axis, single in zip(axes, (True, False)):
        kind = "float" if single else "double"
        chosen = [race for race in races if race["roof"]["single"] == single]
        x = numpy.logspace(-2, 3, 200)
        for row in results["roofs"]["memory"]:
            axis.plot(x, numpy.minimum(x * row["read"], results["roofs"]["fma_avx2"][kind]) / 1e9, linewidth=0.8, label=f"read, {row['place']}")
        for name, label in (("fma_avx2", "AVX2"), ("fma_avx512", "AVX-512")):
            if name in results["roofs"]:
                axis.axhline(results["roofs"][name][kind] / 1e9, color="black", linewidth=0.6, linestyle="--")
                axis.text(1.1e3, results["roofs"][name][kind] / 1e9, label, fontsize=7, va="bottom", ha="right")
        names = sorted({c["name"] for race in chosen for c in timed(race)})
        for mark, name in zip(MARKS, names):
            points = [(race["roof"]["flops"] / race["roof"]["bytes"], race["roof"]["flops"] / c["seconds"] / 1e9) for race in chosen for c in timed(race) if c["name"] == name]
            axis.scatter(*zip(*points), marker=mark, s=16, color=colour(name), label=name, alpha=0.8, linewidths=0.6)
        for intensity, models in intensities(chosen):
            axis.text(intensity, 1.005, models, transform=axis.get_xaxis_transform(), fontsize=7, ha="center", va="bottom")
        axis.set(xscale="log", yscale="log", xlabel="operations a byte", ylabel="10⁹ operations a second", ylim=(0.01, None))
        axis.set_title(kind, pad=14)
        axis.legend(fontsize=6, ncols=2, loc="lower right")
    figure.tight_layout()
    return save(figure, folder, "roofline")


def scaling(results, folder):
    figure, axes = plot.subplots(1, 2, figsize=(12, 4))
    drawn = False
    for axis, letter, label in zip(axes, "DA", ("elements", "rows")):
        curves = {}
        for race in results["races"]:
            if race["suite"] == "scaling" and race["name"].startswith(f"{letter} of"):
                for c in timed(race):
                    curves.setdefault(c["name"], []).append((race["divided_by"], 1e9 * c["seconds"] / race["divided_by"]))
        drawn_in = {}
        for mark, (name, points) in zip(MARKS, sorted(curves.items())):
            drawn_in[colour(name)] = drawn_in.get(colour(name), -1) + 1
            style = ("-", "--", ":", "-.")[drawn_in[colour(name)] % 4]
            axis.plot(*zip(*sorted(points)), marker=mark, markersize=4, linewidth=1, linestyle=style, color=colour(name), label=name)
            drawn = True
        axis.set(xscale="log", yscale="log", xlabel=label, ylabel=f"ns a step and {label[:-1]}", title=f"{letter}, float")
        if curves:
            axis.legend(fontsize=6)
    figure.tight_layout()
    if drawn:
        return save(figure, folder, "scaling")
    plot.close(figure)
    return None


def compile_cost(rows, folder):
    curves = {}
    for row in rows:
        if "operators" in row and "seconds" in row:
            curves.setdefault((row["form"], row["compiler"]), []).append((row["operators"], row["seconds"]))
    if not curves:
        return None
    figure, axis = plot.subplots(figsize=(7, 4))
    for mark, ((form, compiler), points) in zip(MARKS, sorted(curves.items())):
        axis.plot(*zip(*sorted(points)), marker=mark, markersize=4, linewidth=1, linestyle="--" if "clang" in compiler else "-", label=f"{form}, {compiler}")
    axis.set(xscale="log", yscale="log", xlabel="operators", ylabel="processor seconds")
    axis.set_xticks(sorted({operators for points in curves.values() for operators, _ in points}))
    axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    plain_numbers(axis.xaxis)
    plain_numbers(axis.yaxis)
    axis.legend(fontsize=7)
    figure.tight_layout()
    return save(figure, folder, "compile")
