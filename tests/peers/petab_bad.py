"""Mutated PEtab problems in our reader and in the linter of the Python package `petab`: where the two disagree.

    HOLOBIONT_MUTATIONS=FOLDER HOLOBIONT_SHARED=... cargo test --test exchange_petab_bad suite -- --ignored
    python petab_bad.py FOLDER

The test leaves one folder a problem and `ours.txt`, which tells what came of each. Exit code 1 when the linter refuses what we read
without a word.
"""
import collections
import logging
import pathlib
import re
import sys
import warnings

from petab_lint import check

READ = {"number", "rows", "warning", "same"}


def ours(folder):
    """Number, outcome, first line and messages of every problem."""
    found = []
    for line in (folder / "ours.txt").read_text().splitlines():
        if match := re.match(r"(\d{4}) (.*?) (at place|in file|at use|number|rows|warning|same|WRONG): (.*)", line):
            number, name, outcome, what = match.groups()
            found.append((number, outcome, f"{name}: {what}", []))
        else:
            found[-1][3].append(line.strip())
    return found


def main():
    folder = pathlib.Path(sys.argv[1])
    logging.getLogger("petab").propagate = False
    warnings.simplefilter("ignore")
    counts = collections.Counter()
    silent = 0
    for number, outcome, what, messages in ours(folder):
        files = sorted((folder / number).glob("*.yaml"))
        errors = check(str(files[0]))[0] if files else ["no YAML file"]
        we_read = outcome in READ
        counts[(we_read, not errors)] += 1
        if we_read and errors:
            told = any(message.startswith("warning:") for message in messages)
            silent += not told
            print(f"{number} {what}", *messages, f"linter: {errors[0][:300]}", sep="\n    ")
        elif not we_read and not errors and "--strict" in sys.argv:
            print(f"{number} {what} (only we refuse)", *messages, sep="\n    ")
    for (we_read, linter_reads), count in sorted(counts.items()):
        print(f"we {'read' if we_read else 'refuse'}, the linter {'reads' if linter_reads else 'refuses'}: {count}")
    print(f"read without a warning although the linter refuses: {silent}")
    sys.exit(1 if silent else 0)


if __name__ == "__main__":
    main()
