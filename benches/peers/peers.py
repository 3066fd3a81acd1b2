"""libRoadRunner, COPASI and AMICI on the problems of a folder that `prepare` wrote; one program a call.

    python peers.py libroadrunner|copasi|amici FOLDER [--quick]

Writes FOLDER/PROGRAM.csv. Time is that of the program's own call for one trajectory: `simulate` of libRoadRunner, `processRaw` of
COPASI's task, and the solver's own CPU time that AMICI reports; set-up and the fetching of results are not counted.
"""
import json
import os
import pathlib
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy

TOLERANCES = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8]
# references are checked at these
TIGHT = [1e-11, 1e-10]
MAX_STEPS = 50_000_000


class Problem:
    """A problem of the folder with its references."""

    def __init__(self, folder, name):
        self.folder = folder
        for key, value in json.loads((folder / name / "task.json").read_text()).items():
            setattr(self, key, value)
        table = lambda file: numpy.loadtxt(folder / name / file, delimiter=",", ndmin=2)
        self.reference = table("reference.csv")
        if self.gradient:
            shape = len(self.times), len(self.gradient), len(self.states)
            self.sensitivities = table("sensitivities.csv").reshape(shape)

    @property
    def scale(self):
        return numpy.array(self.floors) + numpy.abs(self.reference)

    def error(self, values):
        """RMS of (y - reference) / (floor + |reference|)."""
        difference = (values - self.reference)[self.skip :] / self.scale[self.skip :]
        return float(numpy.sqrt(numpy.mean(difference**2)))

    def sensitivity_error(self, parameters, values):
        """RMS of p (s - reference) / (floor + |y|)."""
        difference = parameters[None, :, None] * (values - self.sensitivities) / self.scale[:, None, :]
        return float(numpy.sqrt(numpy.mean(difference**2)))


class Rows:
    def __init__(self, program, variant):
        self.program, self.variant = program, variant
        self.lines = ["program,variant,problem,what,rtol,ms,error,steps"]

    def add(self, problem, what, rtol, ms, error, steps=float("nan"), variant=None):
        line = f"{self.program},{variant or self.variant},{problem.name},{what},{rtol:e},{ms:.5f},{error:.3e},{steps:.0f}"
        self.lines.append(line.replace("nan", "NaN"))


def least(run, quick):
    """Milliseconds of a call that returns its own, the least of several; and what the last one gave."""
    best, total, count = numpy.inf, 0.0, 0
    while count < (2 if quick else 11) and (count < 2 or total < (300 if quick else 1500)):
        ms, result = run()
        best, total, count = min(best, ms), total + ms, count + 1
    return best, result


def sweep(problem, rows, run, quick):
    """All tolerances, then one tight solve to check the reference."""
    for rtol in TOLERANCES:
        try:
            ms, values = least(lambda: run(rtol), quick)
            rows.add(problem, "values", rtol, ms, problem.error(values))
        except Exception as error:
            print(f"{rows.program} {problem.name} {rtol}: {error}", file=sys.stderr)
    for rtol in TIGHT:
        try:
            ms, values = run(rtol)
            rows.add(problem, "check", rtol, ms, problem.error(values))
            break
        except Exception as error:
            print(f"{rows.program} {problem.name} {rtol}: {error}", file=sys.stderr)


def by_roadrunner(problem, rows, quick):
    import roadrunner

    roadrunner.Logger.disableConsoleLogging()
    runner = roadrunner.RoadRunner(str(problem.folder / problem.file))
    integrator = runner.getIntegrator()
    integrator.setValue("maximum_num_steps", MAX_STEPS)
    names = [f"[{s}]" if uses_concentrations(problem) else s for s in problem.states]
    runner.timeCourseSelections = ["time", *names]
    # tolerances are those of amounts; as one number they would be scaled by the initial values
    sizes = [runner[c] for c in runner.model.getCompartmentIds()]

    def run(rtol):
        integrator.setValue("relative_tolerance", rtol)
        integrator.setValue("absolute_tolerance", [problem.absolute * rtol * min(sizes)] * len(problem.states))
        runner.resetAll()
        start = time.process_time()
        table = runner.simulate(0, problem.times[-1], len(problem.times))
        ms = (time.process_time() - start) * 1e3
        return ms, numpy.array(table)[:, 1:]

    sweep(problem, rows, run, quick)


def uses_concentrations(problem):
    """Whether the species of a model are concentrations."""
    return 'hasOnlySubstanceUnits="true"' not in (problem.folder / problem.file).read_text()


def by_copasi(problem, rows, quick):
    import basico
    import COPASI

    model = basico.load_model(str(problem.folder / problem.file))
    task = model.getTask("Time-Course")
    settings = task.getProblem()
    settings.setDuration(problem.times[-1])
    settings.setStepNumber(len(problem.times) - 1)
    settings.setTimeSeriesRequested(True)
    settings.setAutomaticStepSize(False)
    task.setUpdateModel(False)

    def run(rtol):
        method = task.getMethod()
        method.getParameter("Relative Tolerance").setDblValue(rtol)
        method.getParameter("Absolute Tolerance").setDblValue(problem.absolute * rtol)
        method.getParameter("Max Internal Steps").setUIntValue(MAX_STEPS)
        method.getParameter("Max Internal Step Size").setDblValue(0.0)
        if not task.initializeRaw(COPASI.CCopasiTask.OUTPUT_UI):
            raise RuntimeError("the task could not be prepared")
        start = time.process_time()
        done = task.processRaw(True)
        ms = (time.process_time() - start) * 1e3
        if not done:
            raise RuntimeError(task.getProcessError())
        series = task.getTimeSeries()
        ids = {series.getSBMLId(i, model): i for i in range(series.getNumVariables())}
        count = series.getRecordedSteps()
        column = lambda s: [series.getConcentrationData(k, ids[s]) for k in range(count)]
        values = numpy.array([column(s) for s in problem.states]).T
        task.restore()
        return ms, values

    sweep(problem, rows, run, quick)
    basico.remove_datamodel(model)


def amici_model(problem):
    """The compiled model: compiled when it is not there, or the file is another."""
    import amici
    from amici.importers.sbml import SbmlImporter

    base = problem.folder / problem.base
    name = pathlib.Path(problem.base).stem
    folder = problem.folder / "amici" / name
    stamp = folder / "compiled_from.xml"
    if not stamp.exists() or stamp.read_text() != base.read_text():
        SbmlImporter(base).sbml2amici(name, folder)
        stamp.write_text(base.read_text())
    return amici.import_model_module(name, folder).get_model()


def by_amici(problem, rows, quick):
    from amici.sim.sundials import (
        InternalSensitivityMethod_simultaneous,
        InternalSensitivityMethod_staggered,
        SensitivityMethod_forward,
        SensitivityOrder_first,
        run_simulation,
    )

    model = amici_model(problem)
    for id, value in problem.settings.items():
        model.set_free_parameter_by_id(id, value)
    model.set_timepoints(problem.times)
    ids = list(model.get_state_ids())
    order = [ids.index(s) for s in problem.states]
    solver = model.create_solver()
    solver.set_max_steps(MAX_STEPS)

    def simulate(rtol):
        solver.set_relative_tolerance(rtol)
        solver.set_absolute_tolerance(problem.absolute * rtol)
        result = run_simulation(model, solver)
        if result.status != 0:
            raise RuntimeError(f"status {result.status}")
        return result

    def run(rtol):
        result = simulate(rtol)
        return result.cpu_time, numpy.array(result.x)[:, order]

    sweep(problem, rows, run, quick)
    if not problem.gradient:
        return
    known = list(model.get_free_parameter_ids())
    plist = [known.index(id) for id in problem.gradient]
    model.set_parameter_list(plist)
    parameters = numpy.array(model.get_free_parameters())[plist]
    solver.set_sensitivity_order(SensitivityOrder_first)
    solver.set_sensitivity_method(SensitivityMethod_forward)

    def run_gradient(rtol):
        result = simulate(rtol)
        return result.cpu_time, numpy.array(result.sx)[:, :, order]

    long = problem.name == "gut40_meals"
    methods = [("simultaneous", InternalSensitivityMethod_simultaneous), ("staggered", InternalSensitivityMethod_staggered)]
    for variant, method in methods:
        solver.set_internal_sensitivity_method(method)
        for rtol in [1e-4, 1e-5, 1e-6] if long and quick else [1e-4, 1e-5, 1e-6, 1e-7, 1e-8]:
            ms, values = least(lambda: run_gradient(rtol), quick)
            error = problem.sensitivity_error(parameters, values)
            rows.add(problem, "gradient", rtol, ms, error, variant=variant)
    if not quick:
        ms, values = run_gradient(1e-10)
        rows.add(problem, "check gradient", 1e-10, ms, problem.sensitivity_error(parameters, values))


PROGRAMS = {
    "libroadrunner": (by_roadrunner, "libRoadRunner", "CVODE"),
    "copasi": (by_copasi, "COPASI", "LSODA"),
    "amici": (by_amici, "AMICI", "CVODES"),
}


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    measure, name, variant = PROGRAMS[program]
    rows = Rows(name, variant)
    for task in sorted(folder.glob("*/task.json")):
        problem = Problem(folder, task.parent.name)
        measure(problem, rows, "--quick" in sys.argv)
        print(f"{name}: {problem.name} done", file=sys.stderr)
    (folder / f"{program}.csv").write_text("\n".join(rows.lines) + "\n")


if __name__ == "__main__":
    main()
