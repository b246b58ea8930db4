"""Finds the functions of a C++ file by its braces: good enough to measure them."""

import re

from sources import strip_comments_and_literals

_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_CONSTRUCTOR_MEMBERS = re.compile(r"\)[^:]*(?<!:):(?!:).*[\w>]\s*$", re.DOTALL)
_ACCESS = re.compile(r"\s*(public|protected|private)\s*:")
_TEMPLATE_HEAD = re.compile(r"^\s*template\s*<[^{}]*?>(?=\s*(?:[\w:]))")


def _kind_of(head, parentheses):
    """What a brace opens at namespace or class scope, by the text before it."""
    if parentheses or head.rstrip().endswith(("=", ",", "return")) or _CONSTRUCTOR_MEMBERS.search(head):
        return "value"
    head = _TEMPLATE_HEAD.sub("", head)
    if ")" in head and not re.match(r"\s*(class|struct|enum|union)\b", head):
        return "function"
    return "scope" if _SCOPE.search(head) else "value"


def _name_of(head):
    before = re.match(r"(.*?)\(", head, re.DOTALL)
    words = before.group(1).split() if before else []
    if words and words[-1] in ("TEST", "TEST_F", "TEST_P"):
        return "".join(head[len(before.group(0)) - 1:].split())
    return words[-1] if words else "a function"


def functions_of(text):
    """Yields (name, first line, number of lines) of each function, lambdas and local classes within it included."""
    code = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group().count("\n"),
                  strip_comments_and_literals(text), flags=re.MULTILINE)
    head, parentheses, line, head_line = "", 0, 1, 1
    opened = []  # of each open brace: (kind, name, line on which the function begins, parentheses around it)
    for character in code:
        if character == "\n":
            line += 1
        inside = opened[-1][0] if opened else "scope"
        if character == "{":
            kind = _kind_of(head, parentheses) if inside == "scope" else "inner"
            opened.append((kind, _name_of(head), head_line, parentheses))
            if kind in ("scope", "function"):
                head, parentheses = "", 0
        elif character == "}" and opened:
            kind, name, first, parentheses = opened.pop()
            if kind == "function":
                yield name, first, line - first + 1
            if kind in ("scope", "function"):
                head = ""
            elif kind == "value":
                head += "{}"
        elif inside == "scope":
            if not head.strip():
                head, head_line = "", line
            parentheses += {"(": 1, ")": -1}.get(character, 0)
            head += character
            if (character == ";" and not parentheses) or _ACCESS.fullmatch(head):
                head = ""
