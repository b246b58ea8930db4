#!/usr/bin/python3
"""Builds the simulator with one deliberate fault of the protocol after the other; the oracle has to find each, by seeds
or in a named scenario.

    try_faults.py [WORD]...     all faults, or those whose name has one of the words
    try_faults.py --check       does each piece of code stand where its fault says? Builds nothing.

It works in a copy of the sources, build/simulation_mutations."""

import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / "conformance"), str(pathlib.Path(__file__).resolve().parent)]

import mutations.try_faults as machinery  # noqa: E402
from faults import FAULTS  # noqa: E402

COPY = pathlib.Path(os.environ.get("MQTTZOO_BUILD_DIR", ROOT / "build")) / "simulation_mutations"
machinery.COPY, machinery.FAULTS = COPY, FAULTS
machinery.PROGRAMS = ["mqttzoo_simulate", "simulation_scenario_tests"]
SIMULATOR = COPY / "build" / "tests" / "simulation" / "mqttzoo_simulate"
SCENARIOS = COPY / "build" / "tests" / "simulation" / "scenarios" / "simulation_scenario_tests"


def unknown_scenarios():
    """Faults whose scenario is nowhere."""
    sources = (ROOT / "tests" / "simulation" / "scenarios").glob("*_test.cpp")
    known = re.findall(r"^TEST_F\((\w+), (\w+)\)", "".join(path.read_text(encoding="utf-8") for path in sources),
                       re.MULTILINE)
    return [f"{fault.name}: there is no scenario {fault.scenario}" for fault in FAULTS
            if fault.scenario and tuple(fault.scenario.split(".")) not in known]


def scenario_fails(name):
    return subprocess.run([str(SCENARIOS), f"--gtest_filter={name}"], capture_output=True, check=False).returncode != 0


def seeds_until_found(seeds):
    """How many seeds ran until one failed; None when none did."""
    result = subprocess.run([str(SIMULATOR), "--seeds", str(seeds), "--failures", "1"], capture_output=True, text=True,
                            check=False)
    failed = re.search(r"^seed (\d+) fails", result.stdout, re.MULTILINE)
    return int(failed.group(1)) if failed else None


def try_fault(fault):
    """(whether it was found, what there is to say)"""
    path = COPY / fault.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        built = machinery.build()
        if built is not True:
            return False, f"does not compile\n{built}"
        if fault.scenario:
            found = scenario_fails(fault.scenario)
            return found, f"found by {fault.scenario}" if found else f"NOT FOUND by {fault.scenario}"
        seed = seeds_until_found(fault.seeds)
        return seed is not None, f"found by seed {seed}" if seed else f"NOT FOUND by {fault.seeds} seeds"
    finally:
        path.write_text(text, encoding="utf-8")


def main(arguments):
    wrong = machinery.misplaced() + unknown_scenarios()
    print("\n".join(wrong or [f"{len(FAULTS)} faults"]))
    if wrong or arguments == ["--check"]:
        return 1 if wrong else 0
    chosen = [fault for fault in FAULTS if not arguments or any(word in fault.name for word in arguments)]
    machinery.copy_sources()
    subprocess.run(["cmake", "--preset", "release", "-DMQTTZOO_TESTS=ON"], cwd=COPY, check=True,
                   stdout=subprocess.DEVNULL)
    built = machinery.build()
    if built is not True or seeds_until_found(100) or scenario_fails("*"):
        print("without any fault a seed or a scenario fails" if built is True else built)
        return 1
    missed = 0
    for number, fault in enumerate(chosen, 1):
        begin = time.monotonic()
        found, what = try_fault(fault)
        missed += not found
        print(f"{number}/{len(chosen)} {fault.name}: {what} ({time.monotonic() - begin:.0f} s)", flush=True)
    print(f"{len(chosen)} faults, {missed} not found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
