#!/usr/bin/python3
"""Checks the model of the cluster's protocol: with all its rules each configuration keeps every promise, in every state
that can be reached; and without any one rule the promise falls that the rule is there for. README.md explains it."""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
README = HERE / "README.md"
# To optimise takes longer than it saves.
COMPILER = ["gcc", "-O0", "-w", "-DSAFETY", "-DMEMLIM=4000"]
DEPTH_MAX = 20_000
SECONDS_MAX = 250

# In a configuration's comments:
INSTANCE = re.compile(r"^/\* instance (\w+):(.*?)\*/", re.MULTILINE)
RULE = re.compile(r"^/\* rule ([A-Z0-9_]+) breaks (\w+) in (\w+): (.*?) ?\*/", re.MULTILINE | re.DOTALL)


class Unusable(Exception):
    """A run that says nothing about the protocol: the model does not compile, or its states are too many."""


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    promise: str   # which falls without it
    instance: str  # in which that is shown
    text: str


@dataclasses.dataclass(frozen=True)
class Run:
    configuration: str
    instance: str
    options: tuple
    rule: Rule | None = None  # the one that is left out

    @property
    def name(self):
        return f"{self.configuration}/{self.instance}" + (f" without {self.rule.name}" if self.rule else "")

    @property
    def definitions(self):
        return [*self.options, *([f"-D{self.rule.name}=false"] if self.rule else [])]


@dataclasses.dataclass(frozen=True)
class Result:
    broken: str | None  # the promise that fell
    states: int
    seconds: float


def configurations():
    """The names of those .pml files that are models of their own, not parts."""
    return sorted(path.stem for path in HERE.glob("*.pml") if INSTANCE.search(path.read_text()))


def instances_of(text):
    return {name: tuple(options.split()) for name, options in INSTANCE.findall(text)}


def rules_of(text):
    return [Rule(name, promise, instance, " ".join(words.split())) for name, promise, instance, words in RULE.findall(text)]


def runs_of(configuration, text):
    instances = instances_of(text)
    runs = [Run(configuration, name, options) for name, options in instances.items()]
    return runs + [Run(configuration, rule.instance, instances[rule.instance], rule) for rule in rules_of(text)]


def execute(command, directory):
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)


def build(run, directory, *flags):
    for part in HERE.glob("*.pml"):
        shutil.copy(part, directory)
    generated = execute(["spin", "-a", *run.definitions, f"{run.configuration}.pml"], directory)
    if not (directory / "pan.c").exists() or "rror" in generated.stdout:
        raise Unusable(f"spin: {generated.stdout}{generated.stderr}")
    compiled = execute([*COMPILER, *flags, "-o", "pan", "pan.c"], directory)
    if compiled.returncode != 0:
        raise Unusable(f"gcc: {compiled.stderr[:2000]}")


def read_output(output, seconds):
    """What the search says of itself."""
    states = re.search(r"(\d+) states, stored", output)
    violation = re.search(r"assertion violated (?:\( ?)?(\w+)_kept", output)
    errors = re.search(r"errors: (\d+)", output)
    if not states or not errors:
        raise Unusable(output)
    if violation is None and (errors[1] != "0" or "Search not completed" in output or "depth too small" in output):
        raise Unusable(output)
    return Result(violation[1] if violation else None, int(states[1]), seconds)


def search(run, directory, *flags):
    build(run, directory, *flags)
    begun = time.monotonic()
    found = execute(["./pan", f"-m{DEPTH_MAX}", "-w21"], directory)
    return read_output(found.stdout, time.monotonic() - begun)


def steps_of(run):
    """What happens on the shortest way to the broken promise, a line each: the model's own words."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        search(run, directory, "-DBFS")
        told = execute(["spin", "-t", *run.definitions, f"{run.configuration}.pml"], directory).stdout
    lines = [line.strip() for line in told.split("#processes")[0].splitlines()]
    return [line for line in lines if line and not line.startswith("spin:")]


def verdict_of(run, result):
    """Whether it is as it should be, and the line that says so."""
    measured = f"{result.states:,} states, {result.seconds:.1f} s"
    if run.rule is None:
        said = f"{result.broken} IS BROKEN" if result.broken else "all promises kept"
        return result.broken is None, f"{run.name}: {said} ({measured})"
    if result.broken is None:
        return False, f"{run.name}: NOTHING IS BROKEN ({measured}): the rule is not needed, or the model is too small"
    if result.broken != run.rule.promise:
        return False, f"{run.name}: {result.broken} is broken, NOT {run.rule.promise} ({measured})"
    return True, f"{run.name}: {result.broken} is broken, as it should be ({measured})"


def check(run):
    with tempfile.TemporaryDirectory() as directory:
        try:
            result = search(run, pathlib.Path(directory))
        except (Unusable, subprocess.TimeoutExpired) as reason:
            return run, None, False, f"{run.name}: NO RESULT: {reason}"
    return run, result, *verdict_of(run, result)


def check_all(runs, jobs, show_steps):
    """Those with all rules first, as they take longest. False if any is not as it should be."""
    good = True
    in_turn = sorted(runs, key=lambda run: run.rule is not None)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(check, run) for run in in_turn]):
            run, result, as_expected, line = done.result()
            print(line, flush=True)
            if result and result.broken and (show_steps or not as_expected):
                print("".join(f"    {step}\n" for step in steps_of(run)), end="", flush=True)
            good = good and as_expected
    return good


def table_of(texts):
    """README's table of the rules."""
    rows = ["| Configuration | Rule | Without it | What it says |", "|---|---|---|---|"]
    for configuration, text in texts.items():
        rows += [f"| {configuration}/{rule.instance} | `{rule.name}` | {rule.promise} | {rule.text} |" for rule in rules_of(text)]
    return "\n".join(rows) + "\n"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configuration", nargs="*", help="which ones: " + ", ".join(configurations()) + " (all)")
    parser.add_argument("--rule", action="append", default=[], metavar="NAME", help="only what leaves this rule out")
    parser.add_argument("--instance", action="append", default=[], metavar="NAME", help="only this instance")
    parser.add_argument("--steps", action="store_true", help="tell the shortest way to each broken promise")
    parser.add_argument("--table", action="store_true", help="print the rules as README.md has them, and check nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="searches at a time (one per core)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    chosen = arguments.configuration or configurations()
    texts = {name: (HERE / f"{name}.pml").read_text() for name in chosen}
    if arguments.table:
        print(table_of(texts), end="")
        return 0
    runs = [run for name, text in texts.items() for run in runs_of(name, text)]
    if arguments.rule:
        runs = [run for run in runs if run.rule and run.rule.name in arguments.rule]
    if arguments.instance:
        runs = [run for run in runs if run.instance in arguments.instance]
    for program in ("spin", COMPILER[0]):
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            return 1
    begun = time.monotonic()
    good = bool(runs) and check_all(runs, arguments.jobs, arguments.steps)
    if not arguments.configuration and not arguments.rule and table_of(texts) not in README.read_text(encoding="utf-8"):
        print("README.md has another table of rules than `check.py --table` prints")
        good = False
    seconds = time.monotonic() - begun
    print(f"{len(runs)} searches, {seconds:.0f} s: " + ("all as it should be" if good else "NOT as it should be"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
