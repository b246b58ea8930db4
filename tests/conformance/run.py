#!/usr/bin/python3
"""Runs the conformance tests.

    run.py one|three|tools [v5:3.1.2-24 | v3.1.1:4.3.2 | NAME]...    the tests of some statements, or all
    run.py document                                                  writes docs/conformance.md
    run.py check                                                     is docs/conformance.md what `document` would write?

A tag may be the beginning of one; NAME is the name of a test. The brokers come from MQTTZOO_BUILD_DIR (build/)."""

import concurrent.futures
import pathlib
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "conformance"), str(ROOT / "tests" / "integration")]

import not_yet  # noqa: E402
from framework import document, statements  # noqa: E402
from framework.topologies import TOPOLOGIES  # noqa: E402

THREADS = 24


def is_selected(case, wanted):
    if not wanted or case.function.__name__ in wanted:
        return True
    return any(f"{case.version}:{tag}".startswith(word) for tag in case.tags for word in wanted if ":" in word)


def run_case(case, new_scenario):
    """None, or what went wrong."""
    scenario = new_scenario(statements.VERSIONS[case.version][0])
    try:
        case.function(scenario)
        return None
    except Exception:  # a test may fail in any way; the run goes on
        return traceback.format_exc(limit=-4)
    finally:
        scenario.close()


def verdict_of(topology, results):
    """Prints what failed unexpectedly and what passed unexpectedly; True if nothing did."""
    good = True
    failed_keys = set()
    for case, fault in results:
        if not fault:
            continue
        failed_keys |= set(case.keys)
        if not all(not_yet.expected(key, topology) for key in case.keys):
            good = False
            print(f"FAILED {case.name} ({case.file})\n{fault}")
    for key in sorted({key for case, _ in results for key in case.keys} - failed_keys):
        if not_yet.expected(key, topology):
            good = False
            print(f"PASSED {key[0]} [MQTT-{key[1]}]: remove it from not_yet.py and run `run.py document`")
    return good


def run(topology, wanted):
    start, where = TOPOLOGIES[topology]
    selected = [case for case in statements.cases() if case.where == where and is_selected(case, wanted)]
    if not selected:
        print("no test is called so, or shows that")
        return 2
    begin = time.monotonic()
    with start() as new_scenario, concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
        faults = list(threads.map(lambda case: run_case(case, new_scenario), selected))
    results = list(zip(selected, faults))
    if wanted:
        for case, fault in results:
            print(("failed " if fault else "passed ") + case.name + (f"\n{fault}" if fault else ""))
    good = verdict_of(topology, results)
    failed = sum(fault is not None for fault in faults)
    print(f"{topology}: {len(results)} tests, {failed} failed, {time.monotonic() - begin:.1f} s")
    return 0 if good else 1


def main(arguments):
    command, *wanted = arguments or ["help"]
    if command not in TOPOLOGIES and command not in ("document", "check"):
        print(__doc__)
        return 2
    faults = statements.faults(statements.cases())
    if faults:
        print("\n".join(faults))
        return 1
    if command in TOPOLOGIES:
        return run(command, wanted)
    text = document.document(statements.cases())
    if command == "document":
        document.PATH.write_text(text, encoding="utf-8")
    elif document.PATH.read_text(encoding="utf-8") != text:
        print("docs/conformance.md is not what the tests say: tests/conformance/run.py document writes it")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
