"""pyPESTO's multi-start fits of the PEtab problems of a folder: AMICI and the trust region of fides, its Hessian the Fisher information.

    python pypesto_fits.py PROBLEMS --output FILE [--models FOLDER] [--starts FOLDER | --seed N] [--number N] [--write-starts FOLDER] [NAME ...]

Models are those of petab_amici.py. A file of starts, FOLDER/NAME.tsv, has a row for each start and a column for each estimated
parameter, on the scales of the parameter table. Without one they are drawn from the initialization priors of the table. The objective
is minus the logarithm of likelihood and priors; `cpu_s` is the CPU time of the process for the fits alone. A start could not be
evaluated when its objective or gradient is not finite.
"""
import argparse
import json
import logging
import pathlib
import sys
import time

from petab_amici import MODELS, compiled, problems, read
import numpy
import pandas

ITERATIONS = 200
CLOSE = 0.1


def fit_problem(path, options):
    """pyPESTO's problem for a file, and the id of every estimated parameter."""
    from amici.sim.sundials import SteadyStateComputationMode, SteadyStateSensitivityMode
    from pypesto.petab import PetabImporter

    source = read(path)
    model, _ = compiled(path, source, options.models)
    model.set_steady_state_computation_mode(SteadyStateComputationMode.integrationOnly)
    model.set_steady_state_sensitivity_mode(SteadyStateSensitivityMode.integrationOnly)
    solver = model.create_solver()
    solver.set_relative_tolerance(options.rtol)
    solver.set_absolute_tolerance(options.atol)
    importer = PetabImporter(source, output_folder=str(options.models / path.stem), model_name=path.stem, validate_petab=False)
    return importer.create_problem(model=model, solver=solver), source.x_free_ids


def starting_points(name, problem, ids, options):
    """Rows of start points in the order of the estimated parameters, on their scales."""
    if options.starts:
        table = pandas.read_csv(options.starts / f"{name}.tsv", sep="\t", float_precision="round_trip")
        points = table[ids].to_numpy(float)[: options.number]
    else:
        numpy.random.seed(options.seed)
        points = problem.get_startpoints(options.number)
    if options.write_starts:
        options.write_starts.mkdir(parents=True, exist_ok=True)
        pandas.DataFrame(points, columns=ids).to_csv(options.write_starts / f"{name}.tsv", sep="\t", index=False)
    return points


def finite(number):
    """A number that JSON knows."""
    return float(number) if number is not None and numpy.isfinite(number) else None


def fit(path, options):
    """A problem's row."""
    import fides
    import pypesto.optimize

    problem, ids = fit_problem(path, options)
    points = starting_points(path.stem, problem, ids, options)
    optimizer = pypesto.optimize.FidesOptimizer(
        hessian_update=None, options={fides.Options.MAXITER: ITERATIONS}, verbose=logging.CRITICAL
    )
    runs, total = [], 0.0
    for number, point in enumerate(points):
        problem.set_x_guesses(problem.get_full_vector(point, problem.x_fixed_vals)[None, :])
        start = time.process_time()
        result = pypesto.optimize.minimize(problem, optimizer, n_starts=1, ids=[str(number)], progress_bar=False)
        seconds = time.process_time() - start
        total += seconds
        found = result.optimize_result.list[0]
        run = {"objective": finite(found.fval), "at_start": finite(found.fval0), "gradients": int(found.n_grad)}
        # an objective that is not finite ends fides at once
        run["evaluated"] = run["at_start"] is not None and run["objective"] is not None
        run |= {"cpu_s": round(seconds, 3), "message": str(found.message)}
        runs.append(run | {"x": None if found.x is None else found.x[problem.x_free_indices].tolist()})
    ends = [run["objective"] for run in runs if run["evaluated"]]
    best = min(ends, default=None)
    return {
        "name": path.stem,
        "best": best,
        "within": sum(end <= best + CLOSE for end in ends),
        "failed": len(runs) - len(ends),
        "number": len(runs),
        "cpu_s": round(total, 2),
        "objectives": [run["objective"] for run in runs],
        "parameters": ids,
        "starts": runs,
    }


def main():
    parser = argparse.ArgumentParser(description="pyPESTO and fides on PEtab problems")
    parser.add_argument("problems", type=pathlib.Path, help="folder with NAME/NAME.yaml")
    parser.add_argument("names", nargs="*", metavar="NAME", help="problems to fit (all), in this order")
    parser.add_argument("--models", type=pathlib.Path, default=MODELS, help="folder of the compiled models")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="JSON file to write")
    parser.add_argument("--starts", type=pathlib.Path, help="folder with NAME.tsv")
    parser.add_argument("--write-starts", type=pathlib.Path, help="folder to write NAME.tsv to")
    parser.add_argument("--number", type=int, default=20, help="starts a problem (20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rtol", type=float, default=1e-8)
    parser.add_argument("--atol", type=float, default=1e-8)
    options = parser.parse_intermixed_args()
    # failed simulations are counted, not told
    logging.disable(logging.ERROR)
    options.models.mkdir(parents=True, exist_ok=True)
    from importlib.metadata import version

    text = {"program": " ".join(f"{name} {version(name)}" for name in ("pypesto", "fides", "amici"))}
    text |= {"rtol": options.rtol, "atol": options.atol, "iterations": ITERATIONS, "problems": []}
    for path in problems(options.problems, options.names):
        try:
            row = fit(path, options)
            shown = f"best {row['best']}, {row['within']} of {row['number']} within {CLOSE}, {row['failed']} failed, {row['cpu_s']} s"
        except Exception as error:
            shown = f"{type(error).__name__}: {error}"
            row = {"name": path.stem, "error": shown}
        text["problems"].append(row)
        print(f"pyPESTO: {path.stem}: {shown}", file=sys.stderr, flush=True)
        # what is done stays when a later problem is interrupted
        options.output.write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    main()
