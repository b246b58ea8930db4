"""docs/configuration.md says what `mqttzoo --help` and the headers with the limits say: every key with its argument and
default, every limit with its value, and nothing else."""

import os
import pathlib
import re
import subprocess
import unittest

from documents import ROOT, differences, read, table_of

BUILD = pathlib.Path(os.environ.get("MQTTZOO_BUILD_DIR", ROOT / "build"))
DOCUMENT = "docs/configuration.md"
LIMITS = {
    "core": ["broker/core/limits.hpp"],
    "net": ["broker/net/limits.hpp"],
    "router": ["broker/cluster/router_limits.hpp"],
    "control": ["broker/cluster/control_limits.hpp"],
    "retained": ["broker/cluster/retained/retained_options.hpp"],
    "auth": ["broker/auth/limits.hpp"],
    "ops": ["broker/ops/log.hpp", "broker/ops/log_line.hpp", "broker/ops/http_server.hpp"],
}
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "ms": 1, "s": 1000, "min": 60_000}


def entries_of_help(page):
    """name -> (argument, default) of each key, in the spelling of the file."""
    entries = {}
    for match in re.finditer(r"^  (?:--)?([a-z][a-z0-9_-]+) (\S.*(?:\n {26}\S.*)*)", page, re.MULTILINE):
        text = " ".join(match[2].split())
        default = re.search(r" Default: (.*)\.$", text)
        if default:
            argument = re.match(r"\S+(?: \[\S+\])?", text)[0]
            entries[match[1].replace("-", "_")] = (argument, default[1])
    return entries


def refused_keys(source):
    """reason -> its keys, from the table of refused keys."""
    groups = re.findall(r'\{("[^"]*"),((?:\s*"[^"]*")+)\}', source)
    keys = {reason.strip('"'): " ".join(re.findall(r'"([^"]*)"', words)).split() for reason, words in groups}
    prefixes = [f"{prefix}*" for prefix in re.findall(r'starts_with\("(\w+)"\)', source)]
    keys[next(iter(keys))] += prefixes
    return keys


def number_of(text):
    """'16 MiB' and '1,500 ms' as bytes and milliseconds; 'none' is 0."""
    if text == "none":
        return 0
    number, *unit = text.replace(",", "").split()
    return int(number) * (UNITS[unit[0]] if unit else 1)


def constants_of(header):
    """name -> value of all constants, or where there are none of all members with a default; a back-off is the pair of
    its bounds."""
    constants = {}
    code = re.sub(r"std::\w+\{(\d+)\}", r"\1", re.sub(r"//[^\n]*", "", header))
    if "inline constexpr" in code:
        code = "\n".join(re.findall(r"inline constexpr[^;]*;", code))
    for name, value in re.findall(r"\b([a-z]\w*)\s*=\s*([^;={}]+);", code):
        expression = re.sub(r"(?<=\d)u\b", "", value.replace("'", "").strip())
        if re.fullmatch(r"[\d *+<()]+", expression):
            constants[name] = eval(expression)  # arithmetic only
    for name, first, longest in re.findall(r"(\w+)\{\.first_ms = (\d+), \.longest_ms = ([\d']+)\}", code):
        constants[name] = (int(first), int(longest.replace("'", "")))
    return constants


def documented_value(name, text):
    if " to " in text:
        return tuple(number_of(part) for part in text.split(" to "))
    value = number_of(text)
    return value // 1000 if re.search(r"_seconds(_max)?$", name) else value


class ConfigurationDocument(unittest.TestCase):
    maxDiff = None

    def test_keys(self):
        page = subprocess.run([BUILD / "broker" / "mqttzoo", "--help"], capture_output=True, text=True, check=True)
        real = entries_of_help(page.stdout)
        self.assertIn("listener", real)
        self.assertGreater(len(real), 10)
        rows = table_of(read(DOCUMENT), "Key")
        documented = {name: (argument.strip("`"), default) for name, argument, default in rows}
        self.assertEqual(differences(documented, real, "the key"), [])

    def test_each_key_is_explained(self):
        text = read(DOCUMENT)
        for name, *_ in table_of(text, "Key"):
            self.assertIn(f"**`{name}`**", text)

    def test_refused_keys(self):
        real = refused_keys(read("broker/config/refused_keys.cpp"))
        documented = {reason: re.findall(r"`([^`]+)`", keys)
                      for reason, keys in table_of(read(DOCUMENT), "Refused because")}
        self.assertGreater(sum(map(len, real.values())), 80)
        self.assertEqual(documented, real)

    def test_limits(self):
        for group, headers in LIMITS.items():
            with self.subTest(group):
                real = {}
                for header in headers:
                    real.update(constants_of(read(header)))
                rows = table_of(read(DOCUMENT), f"Limit (`{group}`)")
                documented = {name: documented_value(name, value) for name, value, _ in rows}
                self.assertEqual(differences(documented, real, "the limit"), [])


class Checks(unittest.TestCase):
    """The comparison finds what it is there to find."""

    HELP = "Options\n  -c FILE  Read it.\n  --a-key A|B  Text.\n" + " " * 26 + "More. Default: b.\n" \
           "  listener PORT [ADDRESS]\n" + " " * 26 + "Accept. Default: 1.\n"

    def test_help(self):
        self.assertEqual(entries_of_help(self.HELP), {"a_key": ("A|B", "b"), "listener": ("PORT [ADDRESS]", "1")})

    def test_refused_keys(self):
        source = '{"no x yet",\n " a b"\n " c "},\n{"no y", " d "},\nname.starts_with("e_")'
        self.assertEqual(refused_keys(source), {"no x yet": ["a", "b", "c", "e_*"], "no y": ["d"]})

    def test_constants(self):
        text = "int a_max = 1'000; // b = 2;\nstd::size_t c = std::size_t{32} << 20;\nx d{.first_ms = 5, .longest_ms = 1'0};"
        self.assertEqual(constants_of(text), {"a_max": 1000, "c": 32 << 20, "d": (5, 10)})

    def test_differences(self):
        self.assertEqual(differences({"a": 1, "b": 2}, {"b": 3, "c": 4}, "the key"),
                         ["the key c is not documented", "the key a does not exist",
                          "the key b: documented 2, in truth 3"])

    def test_tables(self):
        self.assertEqual(table_of("| Key | X |\n|---|---|\n| `a` | b\\|c |\n\n| no | table |\n", "Key"), [["a", "b|c"]])


if __name__ == "__main__":
    unittest.main()
