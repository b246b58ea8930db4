"""Which test shows which statement. The lists of all statements are statements_v311.py and statements_v5.py."""

import importlib
import inspect
import pathlib

import not_shown
import not_yet
import statements_v311
import statements_v5

VERSIONS = {"v3.1.1": (4, statements_v311.STATEMENTS), "v5": (5, statements_v5.STATEMENTS)}
CHAPTERS = pathlib.Path(__file__).parents[1] / "chapters"
_cases = []


class Case:
    """A test of one version of the protocol, with the tags of what it shows."""

    def __init__(self, function, version, tags, where):
        self.function, self.version, self.tags, self.where = function, version, tags, where

    @property
    def keys(self):
        return [(self.version, tag) for tag in self.tags]

    @property
    def file(self):
        return pathlib.Path(inspect.getfile(self.function)).name

    @property
    def name(self):
        return f"{self.version} [{', '.join('MQTT-' + tag for tag in self.tags)}] {self.function.__name__}"


def statement(v311="", v5="", where="brokers"):
    """Binds a test to the statements that it shows, as tags with a space between. A test of both versions runs twice.
    `where`: "brokers", or "tools" for what our own clients have to do."""
    def bind(function):
        for version, tags in (("v3.1.1", v311), ("v5", v5)):
            if tags:
                _cases.append(Case(function, version, tags.split(), where))
        return function
    return bind


def cases():
    """All tests of all chapters."""
    for path in sorted(CHAPTERS.glob("chapter_*.py")):
        importlib.import_module(f"chapters.{path.stem}")
    return _cases


def sort_key(tag):
    chapter, _, number = tag.partition("-")
    return [int(part) for part in chapter.split(".")] + [int(number)]


def faults(all_cases):
    """What is wrong with the lists: each statement has a test or a reason why it has none."""
    found = []
    shown = {key for case in all_cases for key in case.keys}
    known = {(version, tag) for version, (_, texts) in VERSIONS.items() for tag in texts}
    for key in sorted(shown - known) + sorted(set(not_shown.REASONS) - known) + sorted(set(not_yet.FEATURES) - known):
        found.append(f"{key[0]} [MQTT-{key[1]}] is no statement of the standard")
    for key in sorted(known - shown - set(not_shown.REASONS)):
        found.append(f"{key[0]} [MQTT-{key[1]}] has neither a test nor a reason why there is none")
    for key in sorted(shown & set(not_shown.REASONS)):
        found.append(f"{key[0]} [MQTT-{key[1]}] has a test and a reason why there is none")
    for key in sorted(set(not_yet.FEATURES) - shown):
        found.append(f"{key[0]} [MQTT-{key[1]}] is expected to fail, but has no test")
    return found
