"""Checks the small habits: one kind of header guard, nothing unfinished, no clock of its own in a pure layer, no test
that waits by sleeping."""

import re

from layers import PURE, layer_of
from sources import cpp_files, project_files, read, report, strip_comments_and_literals

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
OWN_CLOCK = re.compile(r"_clock::now\(|\bstd::rand\b|\brand\(|\bgetenv\(|\bco_await\b|\bstd::c(out|err|log)\b")
SLEEP = re.compile(r"\bsleep_for\b|\bsleep_until\b|\busleep\(|\bnanosleep\(")
EMPTY_CATCH = re.compile(r"catch\s*\(\s*\.\.\.\s*\)\s*\{\s*\}")


def matching_lines(pattern, text):
    return [text.count("\n", 0, match.start()) + 1 for match in pattern.finditer(text)]


def faults_of(name, text):
    code = strip_comments_and_literals(text)
    faults = []
    if name.endswith(".hpp") and not re.search(r"^#pragma once$", text, re.MULTILINE):
        faults.append(f"{name}: a header begins with #pragma once")
    if layer_of(name) in PURE:
        faults += [f"{name}:{line}: a pure layer gets time, randomness and configuration from outside"
                   for line in matching_lines(OWN_CLOCK, code)]
    if name.endswith("_test.cpp") and not name.startswith(("tests/integration/", "tests/faults/")):
        faults += [f"{name}:{line}: a test waits for an event, it does not sleep" for line in matching_lines(SLEEP, code)]
    faults += [f"{name}:{line}: an error is swallowed" for line in matching_lines(EMPTY_CATCH, code)]
    return faults


def text_faults_of(name, text):
    faults = [f"{name}:{line}: unfinished" for line in matching_lines(UNFINISHED, text)]
    faults += [f"{name}:{line}: trailing white space" for line in matching_lines(re.compile(r"[ \t]+$", re.M), text)]
    if text and not text.endswith("\n"):
        faults.append(f"{name}: no newline at the end")
    return faults


TEXT_SUFFIXES = (".cpp", ".hpp", ".proto", ".py", ".sh", ".js", ".cmake", ".txt", ".md", ".json", ".service")

if __name__ == "__main__":
    found = [fault for name in cpp_files() for fault in faults_of(name, read(name))]
    for name in project_files():
        if name.endswith(TEXT_SUFFIXES) and not name.startswith("tests/style/"):
            found += text_faults_of(name, read(name))
    report(found)
