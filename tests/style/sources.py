"""The project's sources, as the style checks read them."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CPP_SUFFIXES = {".cpp", ".hpp"}


def project_files():
    """Every file that git tracks or would track (outside a checkout: every file that is no build output)."""
    try:
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    skipped = re.compile(r"^(build|\.git|.*node_modules)/")
    return sorted(name for name in listed if not skipped.match(name) and (ROOT / name).is_file())


def cpp_files():
    return [name for name in project_files() if pathlib.Path(name).suffix in CPP_SUFFIXES]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


_COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | R"(?P<tag>[^()\\\s]*)\(.*?\)(?P=tag)" | "(?:\\.|[^"\\\n])*" | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'
    """, re.DOTALL | re.VERBOSE)


def strip_comments_and_literals(text):
    """The text with the same lines, but with comments blank and literals empty."""
    def blank(match):
        found = match.group()
        filler = "" if found.startswith("/") else '""'
        return filler + "\n" * found.count("\n")
    return _COMMENT_OR_LITERAL.sub(blank, text)


def report(faults):
    """Prints what is wrong and ends the check."""
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults" if faults else "no faults")
    sys.exit(1 if faults else 0)
