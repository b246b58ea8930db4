"""Checks that a file holds one idea and a function fits a screen."""

import ast

from functions import functions_of
from sources import CPP_SUFFIXES, project_files, read, report

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
SUFFIXES = CPP_SUFFIXES | {".py", ".sh", ".js", ".proto", ".cmake"}

# What may be longer, and why.
LONG_FILES = {}
LONG_FUNCTIONS = {}


def python_functions_of(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def faults_of(name, text):
    faults = []
    lines = text.count("\n")
    if lines > FILE_LINES_MAX and name not in LONG_FILES:
        faults.append(f"{name}: {lines} lines; one idea per file, at most {FILE_LINES_MAX}")
    functions = python_functions_of(text) if name.endswith(".py") else ()
    if name.endswith(tuple(CPP_SUFFIXES)):
        functions = functions_of(text)
    for function, line, length in functions:
        if length > FUNCTION_LINES_MAX and (name, function) not in LONG_FUNCTIONS:
            faults.append(f"{name}:{line}: {function} has {length} lines; a function fits a screen, "
                          f"at most {FUNCTION_LINES_MAX}")
    return faults


if __name__ == "__main__":
    report([fault for name in project_files() if name.endswith(tuple(SUFFIXES)) for fault in faults_of(name, read(name))])
