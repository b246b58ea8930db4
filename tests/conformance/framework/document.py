"""docs/conformance.md, made from the lists and the tests. A run enforces what it says: a test that is not listed in
not_yet.py passes in every topology, or the run fails."""

import pathlib

import not_shown
import not_yet

from .statements import VERSIONS, sort_key

PATH = pathlib.Path(__file__).parents[3] / "docs" / "conformance.md"

HEAD = """# Conformance

Every normative statement of MQTT 3.1.1 and 5.0, in our own short words, and the test that shows it. This page is made
by `tests/conformance/run.py document`; a test holds it to the tests. [How to run them](building.md#conformance).

Each test is a client on a real socket that looks at the packets themselves. It runs twice: against one broker, and
against three brokers of a cluster where the publisher and the subscriber are at different ones. What the standard
demands of clients runs against `mqtt_pub` and `mqtt_sub`, with a server that does what the test says ("tools").

| Result | Meaning |
|---|---|
| shown | All tests named pass in every run. |
| not yet | One of the tests fails; what is missing is named. When it passes, the run fails until this page says so. |
| not shown | No test can show it, or none here; the reason stands with it. |
"""


def row_of(key, text, cases):
    tests = ", ".join(f"`{case.function.__name__}`" + (" (tools)" if case.where == "tools" else "") for case in cases)
    files = sorted({case.file for case in cases})
    if not cases:
        return f"| {key[1]} | {text} | | not shown: {not_shown.REASONS[key]} |"
    result = f"not yet: {not_yet.FEATURES[key]}" if key in not_yet.FEATURES else "shown"
    return f"| {key[1]} | {text} | {', '.join(files)}: {tests} | {result} |"


def counts(version, texts):
    not_there = sum((version, tag) in not_yet.FEATURES for tag in texts)
    without = sum((version, tag) in not_shown.REASONS for tag in texts)
    return len(texts), len(texts) - not_there - without, not_there, without


def document(all_cases):
    by_key = {}
    for case in all_cases:
        for key in case.keys:
            by_key.setdefault(key, []).append(case)
    lines = [HEAD, "| Version | Statements | shown | not yet | not shown |", "|---|---|---|---|---|"]
    for version, (_, texts) in VERSIONS.items():
        lines.append("| " + " | ".join(str(cell) for cell in (version, *counts(version, texts))) + " |")
    for version, (_, texts) in VERSIONS.items():
        lines += ["", f"## {version}", "", "| MQTT- | Statement | Test | Result |", "|---|---|---|---|"]
        for tag in sorted(texts, key=sort_key):
            lines.append(row_of((version, tag), texts[tag], by_key.get((version, tag), [])))
    return "\n".join(lines) + "\n"
