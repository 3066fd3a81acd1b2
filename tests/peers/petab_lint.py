"""The linter of the Python package `petab` on problem files of either version; one line a file.

    python petab_lint.py [--warnings] FILE.yaml ...

Exit code 1 when a file has errors. A file that names one that is missing has an error. Warnings are counted, or shown.
"""
import logging
import sys
import warnings

from petab.v1 import Problem as Version1, lint as lint1
from petab.v1.yaml import validate_yaml_semantics, validate_yaml_syntax
from petab.v2 import Problem as Version2, lint as lint2
from petab.versions import get_major_version


class Collected(logging.Handler):
    """What is logged at warnings and above, for a time."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.errors, self.warnings = [], []

    def emit(self, record):
        (self.errors if record.levelno >= logging.ERROR else self.warnings).append(record.getMessage())

    def __enter__(self):
        logging.getLogger("petab").addHandler(self)
        return self

    def __exit__(self, *_):
        logging.getLogger("petab").removeHandler(self)


def check(file):
    """Errors and warnings of a file."""
    with Collected() as found:
        try:
            version = get_major_version(file)
            validate_yaml_syntax(file)
            if version == 1:
                validate_yaml_semantics(file)
                failed = lint1.lint_problem(Version1.from_yaml(file))
                # the last error only tells that there were others; pictures are no part of a problem
                found.errors = [error for error in found.errors if error != "Not OK"]
                found.warnings = [warning for warning in found.warnings if not warning.startswith("Visualization table")]
                if failed and not found.errors:
                    found.errors.append("not valid")
            elif version == 2:
                for issue in lint2.lint_problem(Version2.from_yaml(file)):
                    is_error = issue.level >= lint2.ValidationIssueSeverity.ERROR
                    (found.errors if is_error else found.warnings).append(f"{issue.message} [{issue.task}]")
            else:
                found.errors.append(f"version {version} of the format is not known")
        except Exception as error:
            # that of the schema holds all of it in its text
            found.errors.append(f"{type(error).__name__}: {getattr(error, 'message', error)}")
    one_line = lambda messages: [" ".join(str(message).split()) for message in messages]
    return one_line(found.errors), one_line(found.warnings)


def main():
    files = [argument for argument in sys.argv[1:] if argument != "--warnings"]
    if not files:
        sys.exit(__doc__)
    logging.getLogger("petab").propagate = False
    warnings.simplefilter("ignore")
    failures = 0
    for file in files:
        errors, remarks = check(file)
        failures += bool(errors)
        verdict = f"ERRORS: {' | '.join(errors)}" if errors else "ok"
        shown = f"; warnings: {' | '.join(remarks)}" if "--warnings" in sys.argv else f"; {len(remarks)} warnings"
        print(f"{file}: {verdict}{shown if remarks else ''}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
