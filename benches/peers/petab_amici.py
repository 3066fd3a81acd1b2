"""AMICI on the PEtab problems of a folder: log-likelihood and gradient at the nominal parameters, and the time they take.

    python petab_amici.py PROBLEMS --output FILE [--models FOLDER] [--rtol R] [--atol A] [--quick] [NAME ...]

Each problem stands in PROBLEMS/NAME/NAME.yaml. Models are compiled once and kept (FOLDER; else target/peers-bench/petab/models).
The gradient is that of the log-likelihood without priors, by forward sensitivities, on the scales of the parameter table. Times are
CPU milliseconds, the least of the repeats: `value_ms` and `gradient_ms` what AMICI reports for its solver (pre-equilibration
included), summed over all simulations; `*_total_ms` the same from entering to leaving each simulation; `*_process_ms` those of the
process for the whole call, which is AMICI's `simulate_petab` with everything prepared that does not depend on the parameters.
"""
import argparse
import hashlib
import json
import logging
import os
import pathlib
import resource
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy
import petab.v1
import yaml
from petab.v1 import lint

MAX_STEPS = 1_000_000
MODELS = pathlib.Path(__file__).resolve().parents[2] / "target" / "peers-bench" / "petab" / "models"
# the tables and the model that a list of problems names, but pictures
LISTS = ["sbml_files", "condition_files", "measurement_files", "observable_files"]


def cpu_seconds():
    """CPU time of this process and of those that it waited for."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def problems(folder, names):
    """Paths of the problems of a folder, all or those named."""
    found = {path.stem: path for path in sorted(folder.glob("*/*.yaml")) if path.stem == path.parent.name}
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"no such problem in {folder}: {', '.join(unknown)}")
    return [found[name] for name in names] if names else list(found.values())


def read(path):
    """The problem of a file, with an observable for each override of its parameters, as AMICI needs it where they change with time.
    What is needed for pictures alone is left out, as it may be missing."""
    config = yaml.safe_load(path.read_text())
    for part in config["problems"]:
        part.pop("visualization_files", None)
    problem = petab.v1.Problem.from_yaml(config, str(path.parent))
    numbers = not lint.observable_table_has_nontrivial_noise_formula(problem.observable_df)
    if lint.measurement_table_has_timepoint_specific_mappings(problem.measurement_df, allow_scalar_numeric_noise_parameters=numbers):
        petab.v1.flatten_timepoint_specific_output_overrides(problem)
    return problem


def compiled(path, problem, folder):
    """The model of a problem, compiled into a folder unless that was done from equal files; and the CPU seconds that it took then."""
    import amici
    from amici.importers.petab.v1 import import_petab_problem

    config = yaml.safe_load(path.read_text())
    files = [config["parameter_file"], *(file for part in config["problems"] for key in LISTS for file in part[key])]
    digest = hashlib.sha256(f"{amici.__version__} {list(problem.observable_df.index)}".encode())
    for file in files:
        digest.update((path.parent / file).read_bytes())
    digest = digest.hexdigest()
    output, note = folder / path.stem, folder / f"{path.stem}.json"
    known = json.loads(note.read_text()) if note.exists() else {}
    fresh = known.get("files") == digest and output.is_dir()
    start = cpu_seconds()
    model = import_petab_problem(problem, output, model_name=path.stem, compile_=not fresh, verbose=False)
    if not fresh:
        known = {"files": digest, "import_s": round(cpu_seconds() - start, 2)}
        note.write_text(json.dumps(known))
    return model, known["import_s"]


class Objective:
    """The log-likelihood of a problem by AMICI, with all that does not depend on the parameters prepared."""

    def __init__(self, problem, model, rtol, atol):
        from amici.sim.sundials import SensitivityMethod_forward, SteadyStateComputationMode, SteadyStateSensitivityMode
        from amici.sim.sundials.petab.v1 import create_edatas
        from amici.sim.sundials.petab.v1._parameter_mapping import create_parameter_mapping

        self.problem, self.model = problem, model
        conditions = problem.get_simulation_conditions_from_measurement_df()
        self.mapping = create_parameter_mapping(problem, conditions, scaled_parameters=True, amici_model=model)
        self.data = create_edatas(amici_model=model, petab_problem=problem, simulation_conditions=conditions)
        self.solver = model.create_solver()
        self.solver.set_max_steps(MAX_STEPS)
        self.solver.set_relative_tolerance(rtol)
        self.solver.set_absolute_tolerance(atol)
        self.solver.set_sensitivity_method(SensitivityMethod_forward)
        # Newton's method fails where sums of states are conserved
        model.set_steady_state_computation_mode(SteadyStateComputationMode.integrationOnly)
        model.set_steady_state_sensitivity_mode(SteadyStateSensitivityMode.integrationOnly)
        self.point = dict(zip(problem.x_free_ids, problem.x_nominal_free_scaled, strict=True))

    def __call__(self, order):
        """What one call gives and the times that it took; an error when a simulation failed."""
        from amici.sim.sundials import AMICI_SUCCESS, simulation_status_to_str
        from amici.sim.sundials.petab.v1 import simulate_petab

        self.solver.set_sensitivity_order(order)
        start = time.process_time()
        result = simulate_petab(
            self.problem,
            amici_model=self.model,
            solver=self.solver,
            problem_parameters=self.point,
            edatas=self.data,
            parameter_mapping=self.mapping,
            scaled_parameters=True,
            scaled_gradients=True,
            num_threads=1,
        )
        times = {"process_ms": (time.process_time() - start) * 1e3}
        runs = result["rdatas"]
        for run in runs:
            if run.status != AMICI_SUCCESS:
                raise RuntimeError(simulation_status_to_str(run.status))
        if not numpy.isfinite(result["llh"]):
            raise RuntimeError(f"log-likelihood {result['llh']}")
        times["ms"] = float(sum(run.cpu_time + run.preeq_cpu_time + run.posteq_cpu_time for run in runs))
        times["total_ms"] = float(sum(run.cpu_time_total for run in runs))
        return result, times

    def least(self, order, quick):
        """The least times of up to 11 calls, at least 3, none begun after 5 s; and what the last one gave."""
        best, count, begin = {}, 0, time.process_time()
        while count < (2 if quick else 11) and (count < 3 or time.process_time() - begin < 5):
            result, times = self(order)
            best = {key: min(value, best.get(key, numpy.inf)) for key, value in times.items()}
            count += 1
        return result, best


def measure(path, options):
    """A problem's row."""
    from amici.sim.sundials import SensitivityOrder_first, SensitivityOrder_none

    problem = read(path)
    row = {"name": path.stem, "parameters": len(problem.x_free_ids), "measurements": len(problem.measurement_df)}
    try:
        model, row["import_s"] = compiled(path, problem, options.models)
        row |= {"states": model.nx_rdata, "integrated_states": model.nx_solver}
        objective = Objective(problem, model, options.rtol, options.atol)
        row["conditions"] = len(objective.data)
        value, of_value = objective.least(SensitivityOrder_none, options.quick)
        row["llh_of_value"] = float(value["llh"])
        row |= {f"value_{key}": round(ms, 4) for key, ms in of_value.items()}
        result, of_gradient = objective.least(SensitivityOrder_first, options.quick)
        row["llh"] = float(result["llh"])
        row["gradient"] = {id: float(result["sllh"][id]) for id in problem.x_free_ids if id in result["sllh"]}
        row |= {f"gradient_{key}": round(ms, 4) for key, ms in of_gradient.items()}
    except Exception as error:
        row["error"] = f"{type(error).__name__}: {error}"
    return row


def main():
    parser = argparse.ArgumentParser(description="AMICI on PEtab problems at their nominal parameters")
    parser.add_argument("problems", type=pathlib.Path, help="folder with NAME/NAME.yaml")
    parser.add_argument("names", nargs="*", metavar="NAME", help="problems to measure (all)")
    parser.add_argument("--models", type=pathlib.Path, default=MODELS, help="folder of the compiled models")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="JSON file to write")
    parser.add_argument("--rtol", type=float, default=1e-8)
    parser.add_argument("--atol", type=float, default=1e-8)
    parser.add_argument("--quick", action="store_true", help="few repeats")
    options = parser.parse_intermixed_args()
    logging.disable(logging.WARNING)
    options.models.mkdir(parents=True, exist_ok=True)
    import amici

    rows = []
    for path in problems(options.problems, options.names):
        row = measure(path, options)
        rows.append(row)
        shown = row.get("error") or f"llh {row['llh']:.6f}, {row['value_ms']:.2f} ms, gradient {row['gradient_ms']:.2f} ms"
        print(f"AMICI: {path.stem}: {shown}", file=sys.stderr, flush=True)
    text = {"program": f"AMICI {amici.__version__}", "rtol": options.rtol, "atol": options.atol, "problems": rows}
    options.output.write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    main()
