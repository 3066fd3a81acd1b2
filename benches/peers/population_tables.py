"""Tables of fits of theophylline by holobiont and ferx-core, from the rows of holobiont-peers-population.

    python population_tables.py ROWS.json
"""
import json
import math
import pathlib
import re
import sys

PARAMETERS = ["ka", "V", "CL", "omega ka", "omega V", "omega CL", "sigma"]
NAMES = {"Focei": "FOCEI", "Laplace": "Laplace", "Saem": "SAEM", "SaemImportance": "SAEM and importance sampling"}


def table(head, lines):
    """Columns of equal width."""
    lines = [[str(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(head, *lines)]
    row = lambda cells: "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    print(row(head), row(["-" * width for width in widths]), *map(row, lines), "", sep="\n")


def number(value, places=4):
    return "" if value is None or not math.isfinite(value) else f"{value:.{places}f}"


def who(row):
    return [row["program"], row["model"].replace("_", " "), NAMES[row["estimator"]]]


def exact(row):
    """-2 ln L by quadrature at the end."""
    return number(row["exact"] and row["exact"][0], 3)


def said(row):
    if row["failure"]:
        return row["failure"]
    return "converged" if row["end"]["converged"] else "not converged"


def times(rows):
    print("CPU time, and where the fits end\n")
    lines = []
    for row in rows:
        end = row["end"] or {}
        sampled = end.get("importance")
        lines.append(
            who(row)
            + [f"{row['cpu_s']:.4f}", number(end.get("reported"), 3)]
            + ["" if not sampled else f"{sampled[0]:.3f} ({sampled[1]:.3f})", exact(row), said(row)]
        )
    table(["program", "model", "estimator", "CPU s", "own -2 ln L", "by importance sampling", "by quadrature", "says"], lines)


def values(rows, what, title, places):
    print(title + "\n")
    lines = [who(row) + [number(value, places) for value in row["end"][what]] for row in rows if row["end"] and row["end"][what]]
    table(["program", "model", "estimator", *PARAMETERS], lines)


def far(rows):
    print("From ka 0.1, V 100, CL 20\n")
    lines = []
    for row in rows:
        end = row["end"] or {}
        found = end.get("values")
        # holobiont's remarks are the numbers of its certificate
        remarks = end.get("remarks", []) if row["program"] == "ferx-core" else []
        first = re.split(r"[:(]", remarks[0])[0].strip() if remarks else ""
        lines.append(
            who(row)
            + [f"{row['cpu_s']:.3f}", said(row), number(end.get("reported"), 3), exact(row)]
            + ([number(value, 3) for value in found[:3]] if found else ["", "", ""])
            + [f"{len(remarks)}: {first}" if remarks else ""]
        )
    table(["program", "model", "estimator", "CPU s", "says", "own -2 ln L", "by quadrature", "ka", "V", "CL", "remarks"], lines)


def seeds(rows):
    """-2 ln L by quadrature over seeds of SAEM."""
    groups = {}
    for row in rows:
        if row["exact"]:
            groups.setdefault((row["program"], row["model"]), []).append(row["exact"][0])
    if all(len(found) < 2 for found in groups.values()):
        return
    print("SAEM, one run of each seed: -2 ln L by quadrature at its end\n")
    lines = [
        [program, model.replace("_", " "), len(found), number(min(found), 3), number(sum(found) / len(found), 3), number(max(found), 3)]
        for (program, model), found in groups.items()
    ]
    table(["program", "model", "seeds", "least", "mean", "largest"], lines)


def ratios(rows):
    """Times of ferx-core over those of holobiont."""
    time = {(row["program"], row["model"], row["estimator"]): row["cpu_s"] for row in rows if row["end"]}
    pairs = [
        ("ode", "matrix exponential"),
        ("ode, rtol 1e-6", "Rodas5P, rtol 1e-6"),
        ("ode", "Rodas5P, rtol 1e-4"),
        ("closed_form", "matrix exponential"),
    ]
    lines = []
    for theirs, ours in pairs:
        cells = []
        for estimator in ["Focei", "Laplace", "SaemImportance"]:
            a, b = time.get(("ferx-core", theirs, estimator)), time.get(("holobiont", ours, estimator))
            cells.append("" if not a or not b else f"{a / b:.2f}")
        lines.append([theirs.replace("_", " "), ours, *cells])
    print("How many times the CPU time of holobiont ferx-core takes (below 1: ferx-core is faster)\n")
    table(["ferx-core", "holobiont", "FOCEI", "Laplace", NAMES["SaemImportance"]], lines)


def main():
    rows = json.loads(pathlib.Path(sys.argv[1]).read_text())
    first = [row for row in rows if row["seed"] == 1]
    near = [row for row in first if row["start"] == "near"]
    times(near)
    ratios(near)
    values(near, "values", "Values at the end", 4)
    values(near, "errors", "Standard errors of the logarithms", 4)
    far([row for row in first if row["start"] == "far"])
    # the likelihood by importance sampling does not move the end
    seeds([row for row in rows if row["start"] == "near" and row["estimator"].startswith("Saem") and (row["program"], row["estimator"]) != ("ferx-core", "SaemImportance")])


main()
