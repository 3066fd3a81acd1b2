"""Tables of holobiont beside AMICI and pyPESTO on PEtab problems, from the JSON files of the measurements.

    python petab_tables.py AMICI.json [--ours OURS.json] [--exact AMICI.json] [--fits PYPESTO.json [--our-fits OURS.json]]

`--exact` is a file of AMICI's at tight tolerances, which both are held against. OURS.json is

    {"rtol", "atol", "problems": [{"name", "llh", "gradient": {id: value on the parameter's scale}, "value_ms", "gradient_ms",
                                   "import_ms", "states", "parameters", "conditions"}]}

with an "error" for what failed; fits are {"problems": [{"name", "objectives": [one a start, null when it could not be evaluated],
"cpu_s"}]}, with the starts of pyPESTO.
"""
import argparse
import json
import math
import pathlib

# a component of the gradient below this part of the largest one is held against this part
SMALL = 1e-3
CLOSE = 0.1


def rows(file):
    """A file's problems by name."""
    return {row["name"]: row for row in json.loads(file.read_text())["problems"]} if file else {}


def number(value, digits=3):
    """Three digits; nothing for what is not there."""
    if value is None:
        return ""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}" if places <= digits + 1 else f"{value:.1e}"


def small(value):
    return "" if value is None else f"{value:.1e}"


def table(head, lines):
    """Columns of equal width; text stands left, numbers right."""
    lines = [[str(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(head, *lines)]
    row = lambda cells: "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    print(row(head), row(["-" * width for width in widths]), *map(row, lines), "", sep="\n")


def ratio(theirs, ours):
    return theirs / ours if theirs and ours else None


def mean(ratios):
    """Geometric mean of what is there."""
    known = [math.log(value) for value in ratios if value]
    return math.exp(sum(known) / len(known)) if known else None


def llh_difference(a, b):
    return abs(a["llh"] - b["llh"]) if a.get("llh") is not None and b.get("llh") is not None else None


def gradient_differences(a, b):
    """The largest of |a - b| and of |a - b| / max(|b|, SMALL max |b|) over the components of both."""
    a, b = a.get("gradient"), b.get("gradient")
    if not a or not b:
        return None, None
    floor = SMALL * max(map(abs, b.values()))
    differences = {id: abs(a[id] - b[id]) for id in b if id in a}
    return max(differences.values()), max(difference / max(abs(b[id]), floor) for id, difference in differences.items())


def remarks(name, theirs, ours):
    """What is odd about a problem."""
    for program, row in [("AMICI", theirs), ("holobiont", ours)]:
        if "error" in row:
            yield f"{name}: {program} failed: {row['error']}"
    for what in ("states", "parameters", "conditions"):
        if what in theirs and what in ours and theirs[what] != ours[what]:
            yield f"{name}: AMICI counts {theirs[what]} {what}, holobiont {ours[what]}"
    missing = sorted(set(theirs.get("gradient", {})) ^ set(ours.get("gradient", {}))) if theirs.get("gradient") and ours.get("gradient") else []
    if missing:
        yield f"{name}: in one gradient alone: {', '.join(missing)}"


def gradients(theirs, ours):
    print("Gradient of the log-likelihood at the nominal parameters, forward sensitivities\n")
    lines, ratios = [], []
    for name, amici in theirs.items():
        mine = ours.get(name, {})
        ratios.append(ratio(amici.get("gradient_ms"), mine.get("gradient_ms")))
        sizes = [amici.get(what, mine.get(what, "")) for what in ("states", "parameters", "conditions")]
        times = [number(row.get("gradient_ms")) for row in (amici, mine)]
        differences = map(small, [llh_difference(mine, amici), *gradient_differences(mine, amici)])
        lines.append([name, *sizes, *times, number(ratios[-1]), *differences])
    lines.append(["geometric mean", "", "", "", "", "", number(mean(ratios)), "", "", ""])
    head = ["problem", "states", "parameters", "conditions", "AMICI ms", "holobiont ms", "ratio", "llh difference", "gradient difference", "relative"]
    table(head, lines)


def others(theirs, ours):
    print("The log-likelihood alone; AMICI's gradient as whole calls, not the solver alone; from files to a model that runs\n")
    lines, ratios = [], []
    for name, amici in theirs.items():
        mine = ours.get(name, {})
        ratios.append(ratio(amici.get("value_ms"), mine.get("value_ms")))
        whole = amici.get("gradient_total_ms")
        imports = [number(amici.get("import_s")), number(mine.get("import_ms"))]
        times = [number(row.get("value_ms")) for row in (amici, mine)]
        lines.append([name, *times, number(ratios[-1]), number(whole), number(ratio(whole, mine.get("gradient_ms"))), *imports])
    wholes = [ratio(row.get("gradient_total_ms"), ours.get(name, {}).get("gradient_ms")) for name, row in theirs.items()]
    lines.append(["geometric mean", "", "", number(mean(ratios)), "", number(mean(wholes)), "", ""])
    head = ["problem", "AMICI ms", "holobiont ms", "ratio", "AMICI whole ms", "ratio", "AMICI import s", "holobiont import ms"]
    table(head, lines)


def errors(theirs, ours, exact, tolerances):
    print(f"Differences from AMICI at {tolerances}: log-likelihood, gradient, relative gradient\n")
    lines = []
    for name, reference in exact.items():
        pair = theirs.get(name, {}), ours.get(name, {})
        differences = [small(value) for row in pair for value in (llh_difference(row, reference), *gradient_differences(row, reference))]
        lines.append([name, number(reference.get("llh"), 8), *differences])
    columns = lambda program: [f"{program} llh", "gradient", "relative"]
    table(["problem", "llh", *columns("AMICI"), *columns("holobiont")], lines)


def fits(theirs, ours):
    print(f"Fits; the best of both programs counts for the starts within {CLOSE} of it\n")
    lines = []
    for name, peer in theirs.items():
        mine = ours.get(name, {})
        ends = [[end for end in row.get("objectives", []) if end is not None] for row in (peer, mine)]
        best = min((end for part in ends for end in part), default=None)
        line = [name, len(peer.get("objectives", []))]
        for row, part in zip((peer, mine), ends):
            known = "objectives" in row
            line.append(f"{min(part):.4f}" if part else "")
            line.append(sum(end <= best + CLOSE for end in part) if known else "")
            line.append(len(row["objectives"]) - len(part) if known else "")
            line.append(number(row.get("cpu_s")))
        lines.append(line)
    columns = lambda program: [f"{program} best", "close", "failed", "CPU s"]
    table(["problem", "starts", *columns("pyPESTO"), *columns("holobiont")], lines)
    for name, peer in theirs.items():
        for program, row in [("pyPESTO", peer), ("holobiont", ours.get(name, {}))]:
            if "error" in row:
                print(f"{name}: {program} failed: {row['error']}\n")


def main():
    parser = argparse.ArgumentParser(description="tables of holobiont beside AMICI and pyPESTO on PEtab problems")
    parser.add_argument("amici", type=pathlib.Path)
    for option in ("--ours", "--exact", "--fits", "--our-fits"):
        parser.add_argument(option, type=pathlib.Path)
    options = parser.parse_args()
    text = json.loads(options.amici.read_text())
    theirs, ours = rows(options.amici), rows(options.ours)
    mine = json.loads(options.ours.read_text()) if options.ours else {}
    told = f"rtol {mine['rtol']:g}, atol {mine['atol']:g}" if "rtol" in mine and "atol" in mine else "tolerances not told"
    print(f"{text['program']}, rtol {text['rtol']:g}, atol {text['atol']:g}" + (f"; holobiont, {told}" if mine else "") + "\n")
    gradients(theirs, ours)
    others(theirs, ours)
    for remark in (remark for name in theirs for remark in remarks(name, theirs[name], ours.get(name, {}))):
        print(f"- {remark}")
    if options.exact:
        tight = json.loads(options.exact.read_text())
        print()
        errors(theirs, ours, rows(options.exact), f"rtol {tight['rtol']:g}, atol {tight['atol']:g}")
    if options.fits:
        search = json.loads(options.fits.read_text())
        print(f"{search['program']}, rtol {search['rtol']:g}, atol {search['atol']:g}, at most {search['iterations']} iterations\n")
        fits(rows(options.fits), rows(options.our_fits))


if __name__ == "__main__":
    main()
