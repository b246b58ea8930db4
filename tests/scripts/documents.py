"""What the tests of the documents share: tables of a Markdown file, and the project's own words to compare them with."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def cells_of(line):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def table_of(text, heading):
    """The rows below the one table whose header begins with the cell `heading`, code marks removed from first cells."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("|") and cells_of(line)[0] == heading]
    if len(starts) != 1:
        raise ValueError(f"{len(starts)} tables with the heading '{heading}'")
    rows = []
    for line in lines[starts[0] + 2:]:
        if not line.startswith("|"):
            break
        first, *rest = cells_of(line)
        rows.append([first.strip("`"), *rest])
    return rows


def differences(documented, real, what):
    """What stands on one side only, and what stands on both with different values."""
    faults = [f"{what} {name} is not documented" for name in real if name not in documented]
    faults += [f"{what} {name} does not exist" for name in documented if name not in real]
    faults += [f"{what} {name}: documented {documented[name]}, in truth {real[name]}"
               for name in documented if name in real and documented[name] != real[name]]
    return faults
