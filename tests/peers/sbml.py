"""Our SBML in other hands: every model that ships with the program, and one with every element and function, is exported, checked
by libSBML, and simulated by libRoadRunner and COPASI; all states and observables are compared with our own simulation. The
scenarios of the models follow in the newer version of SBML.

    python sbml.py PROGRAM [MODEL ...]

The difference of a quantity is max over time |theirs - ours| / max over time |ours|; it must stay below 1e-5.
"""
import collections
import io
import pathlib
import subprocess
import sys
import tempfile

import basico
import libsbml
import numpy
import pandas
import roadrunner

ALLOWED = 1e-5
# a quantity that is 0 throughout has no scale of its own
NOTHING = 1e-12
RELATIVE, ABSOLUTE = 1e-10, 1e-14
STEPS = 100
CATEGORIES = [
    libsbml.LIBSBML_CAT_GENERAL_CONSISTENCY,
    libsbml.LIBSBML_CAT_IDENTIFIER_CONSISTENCY,
    libsbml.LIBSBML_CAT_UNITS_CONSISTENCY,
    libsbml.LIBSBML_CAT_MATHML_CONSISTENCY,
    libsbml.LIBSBML_CAT_SBO_CONSISTENCY,
    libsbml.LIBSBML_CAT_OVERDETERMINED_MODEL,
    libsbml.LIBSBML_CAT_MODELING_PRACTICE,
]


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def check(file):
    """Errors of libSBML's consistency check, and how often each warning came."""
    document = libsbml.readSBMLFromFile(str(file))
    for category in CATEGORIES:
        document.setConsistencyChecks(category, True)
    document.checkConsistency()
    errors, warnings = [], collections.Counter()
    for number in range(document.getNumErrors()):
        error = document.getError(number)
        if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR:
            errors.append(f"line {error.getLine()}: {error.getMessage().strip()}")
        else:
            warnings[f"{error.getErrorId()} {error.getShortMessage()}"] += 1
    return document.getModel(), errors, warnings


def species(model):
    """All species by id."""
    return {s.getId(): s for s in map(model.getSpecies, range(model.getNumSpecies()))}


def amount(column, model):
    """The species whose amount a column holds, if it is one."""
    if column.startswith("amount("):
        return species(model)[column[7:-1]]
    found = species(model).get(column)
    return found if found and found.getHasOnlySubstanceUnits() else None


def by_roadrunner(file, model, end, columns):
    runner = roadrunner.RoadRunner(str(file))
    integrator = runner.getIntegrator()
    integrator.setValue("relative_tolerance", RELATIVE)
    # one number is scaled by the initial values and may become 0
    states = runner.model.getNumFloatingSpecies() + runner.model.getNumRateRules()
    integrator.setValue("absolute_tolerance", [ABSOLUTE] * states)
    integrator.setValue("maximum_num_steps", 1_000_000)
    selections = ["time"]
    for column in columns:
        of = amount(column, model)
        is_concentration = of is None and column in species(model)
        selections.append(of.getId() if of else f"[{column}]" if is_concentration else column)
    runner.timeCourseSelections = selections
    table = runner.simulate(0, end, STEPS + 1)
    return pandas.DataFrame(numpy.asarray(table), columns=["time", *columns])


def by_id(table, column):
    """A column of one of COPASI's tables, by the id in the file."""
    return {} if table is None else dict(zip(table["sbml_id"], table[column]))


def by_copasi(file, model, end, columns):
    basico.load_model(str(file))
    settings = {"method": {"Relative Tolerance": RELATIVE, "Absolute Tolerance": ABSOLUTE, "Max Internal Steps": 1_000_000}}
    basico.set_task_settings(basico.T.TIME_COURSE, settings)
    table = basico.run_time_course(0, end, STEPS, use_sbml_id=True)
    constants = by_id(basico.get_compartments(), "size") | by_id(basico.get_parameters(), "value")
    constants |= by_id(basico.get_species(), "concentration")
    # COPASI shows concentrations, and leaves out what never changes
    known = lambda id: table[id].to_numpy() if id in table else constants.get(id)
    found = pandas.DataFrame({"time": table.index})
    for column in columns:
        of = amount(column, model)
        values = known(of.getId()) * known(of.getCompartment()) if of else known(column)
        if values is not None:
            found[column] = values
    basico.remove_datamodel(basico.get_current_model())
    return found


def compare(ours, theirs, columns):
    """The largest difference, whose it is, and the quantities that are missing."""
    worst, whose, missing = 0.0, "", []
    for column in columns:
        if column not in theirs:
            missing.append(column)
            continue
        a, b = ours[column].to_numpy(), theirs[column].to_numpy()
        difference = numpy.max(numpy.abs(a - b)) / max(numpy.max(numpy.abs(a)), NOTHING)
        difference = numpy.inf if numpy.isnan(difference) else difference
        if difference > worst:
            worst, whose = difference, column
    return worst, whose, missing


def scenarios(program, name):
    """Ids of the scenarios of a model."""
    lines = run(program, "models", "show", name).splitlines()
    if "Scenarios" not in lines:
        return []
    return [line.split()[0] for line in lines[lines.index("Scenarios") + 1 :] if line.startswith("  ")]


def judge(program, folder, name, version, scenario):
    """The number of failures of one file."""
    chosen = ["--scenario", scenario] if scenario else []
    tolerances = ["--rtol", str(RELATIVE), "--atol", str(ABSOLUTE)]
    ours = pandas.read_csv(io.StringIO(run(program, "simulate", name, *chosen, "--steps", str(STEPS), *tolerances)))
    columns = [column for column in ours.columns if column != "time"]
    end = float(ours["time"].iloc[-1])
    file = pathlib.Path(folder) / "model.xml"
    run(program, "export", name, *chosen, "--sbml", file, "--level-version", version)
    model, errors, warnings = check(file)
    failures = len(errors)
    print(f"{name} {scenario} {version}: libSBML {len(errors)} errors, {sum(warnings.values())} warnings")
    for error in errors:
        print(f"  ERROR {error}")
    if not scenario:
        for warning, count in sorted(warnings.items()):
            print(f"  {count} x warning {warning}")
    # COPASI 4.48 takes no notice of the conversion factors of species
    converted = {id for id, found in species(model).items() if found.isSetConversionFactor()}
    plain = [column for column in columns if column not in converted]
    for peer, simulate, columns in [("libRoadRunner", by_roadrunner, columns), ("COPASI", by_copasi, plain)]:
        worst, whose, missing = compare(ours, simulate(file, model, end, columns), columns)
        bad = not worst <= ALLOWED or missing
        failures += bool(bad)
        gone = f", missing {', '.join(missing)}" if missing else ""
        verdict = "FAILED" if bad else "ok"
        print(f"  {peer}: {verdict}, {len(columns)} quantities, difference {worst:.1e} ({whose}){gone}", flush=True)
    return failures


def main():
    program, *models = sys.argv[1:]
    if not models:
        models = [line.split()[0] for line in run(program, "models").splitlines()]
        models.append(str(pathlib.Path(__file__).parent / "everything" / "model.toml"))
    roadrunner.Logger.disableConsoleLogging()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in models:
            for version in ["3.1", "3.2"]:
                failures += judge(program, folder, name, version, "")
            # relatives of gut_ms share its scenarios: the subjects at rest and one treatment are enough
            chosen = scenarios(program, name)
            # food that comes and goes takes more steps at these tolerances than a solve may
            chosen = [id for id in chosen if not id.startswith("fast_")]
            if name.startswith("gut_ms_"):
                chosen = [id for id in chosen if id in ("healthy", "ms", "propionate")]
            for scenario in chosen:
                failures += judge(program, folder, name, "3.2", scenario)
    sys.exit(f"{failures} failures" if failures else 0)


if __name__ == "__main__":
    main()
