#!/usr/bin/python3
"""Builds the programs with one deliberate fault after the other and has its named test find it.

    try_faults.py [TAG | TEST | FILE]...     all faults, or those of a statement, a test, a source file
    try_faults.py --check                    does each piece of code stand where its fault says? Builds nothing.

It works in a copy of the sources, build/mutations; one fault takes some ten seconds."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from mutations.faults import FAULTS  # noqa: E402

COPY = pathlib.Path(os.environ.get("MQTTZOO_BUILD_DIR", ROOT / "build")) / "mutations"
CONFORMANCE = ROOT / "tests" / "conformance" / "run.py"
PROGRAMS = ["mqttzoo", "mqttzoo_passwd", "mqtt_pub", "mqtt_sub"]


def misplaced():
    """Faults whose code does not stand exactly once in its file."""
    found = []
    for fault in FAULTS:
        path = ROOT / fault.file
        count = path.read_text(encoding="utf-8").count(fault.old) if path.exists() else 0
        if count != 1:
            found.append(f"{fault.name}: stands there {count} times; mend tests/conformance/mutations")
        if fault.new == fault.old:
            found.append(f"{fault.name}: changes nothing")
    return found


def copy_sources():
    """What git knows and nothing else, so that the copy is a clone of its own; files that are the same keep their
    time."""
    names = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others",
                            "--exclude-standard"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in names.splitlines():
        source, target = ROOT / name, COPY / name
        if source.is_file() and not (target.exists() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)  # with a time of its own, so that it is built again
    known = {COPY / name for name in names.splitlines()}
    for path in COPY.glob("*/**/*"):
        if path.is_file() and path not in known and path.relative_to(COPY).parts[0] != "build":
            path.unlink()


def build():
    """True, or what the compiler said."""
    result = subprocess.run(["cmake", "--build", str(COPY / "build"), "--target", *PROGRAMS], capture_output=True,
                            text=True, check=False)
    return True if result.returncode == 0 else result.stdout[-3000:]


def configure():
    subprocess.run(["cmake", "--preset", "release", "-DMQTTZOO_TESTS=OFF"], cwd=COPY, check=True,
                   stdout=subprocess.DEVNULL)


def run_tests(topology, tests):
    """The results of tests: lines that begin with "passed" or "failed"."""
    environment = dict(os.environ, MQTTZOO_BUILD_DIR=str(COPY / "build"), MQTTZOO_DEADLINE_SECONDS="4")
    result = subprocess.run([sys.executable, str(CONFORMANCE), topology, *tests], env=environment, capture_output=True,
                            text=True, check=False)
    lines = [line for line in result.stdout.splitlines() if line.startswith(("passed ", "failed "))]
    if not lines:
        sys.exit(f"{topology}: no test ran\n{result.stdout}{result.stderr}")
    return lines


def sound(faults):
    """Without a fault each named test passes."""
    for topology in sorted({fault.topology for fault in faults}):
        tests = sorted({fault.test for fault in faults if fault.topology == topology})
        lines = run_tests(topology, tests)
        known = {line.rsplit(" ", 1)[1] for line in lines}
        wrong = [line for line in lines if line.startswith("failed")] + sorted(set(tests) - known)
        if wrong:
            print("without any fault:\n" + "\n".join(wrong))
            return False
    return True


def try_fault(fault):
    """None, or why the fault was not found."""
    path = COPY / fault.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        built = build()
        if built is not True:
            return f"does not compile\n{built}"
        lines = run_tests(fault.topology, [fault.test])
        return None if any(line.startswith("failed") for line in lines) else f"{fault.test} does not notice it"
    finally:
        path.write_text(text, encoding="utf-8")


def main(arguments):
    wrong = misplaced()
    print("\n".join(wrong or [f"{len(FAULTS)} faults"]))
    if wrong or arguments == ["--check"]:
        return 1 if wrong else 0
    chosen = [fault for fault in FAULTS if not arguments or {fault.tag, fault.test, fault.file} & set(arguments)]
    copy_sources()
    configure()
    built = build()
    if built is not True or not sound(chosen):
        print("" if built is True else built)
        return 1
    missed = 0
    for number, fault in enumerate(chosen, 1):
        begin = time.monotonic()
        why = try_fault(fault)
        missed += why is not None
        verdict = f"found by {fault.test}" if why is None else f"NOT FOUND: {why}"
        print(f"{number}/{len(chosen)} {fault.name}: {verdict} ({time.monotonic() - begin:.0f} s)", flush=True)
    print(f"{len(chosen)} faults, {missed} not found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
