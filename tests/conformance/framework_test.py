"""Tests of what the conformance tests stand on: a missing row, a wrong expectation and a wrong packet are all found."""

import pathlib
import sys
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "conformance"), str(ROOT / "tests" / "integration")]

import not_shown  # noqa: E402
import not_yet  # noqa: E402
import run  # noqa: E402
from framework import document, statements  # noqa: E402
from mqtt import packets  # noqa: E402
from mutations.faults import FAULTS  # noqa: E402
from mutations.try_faults import misplaced  # noqa: E402
from mqtt.wire import Reader, Violation, properties, variable  # noqa: E402

V3, V5 = packets.V3, packets.V5


def case(*tags, where="brokers"):
    return statements.Case(case, "v5", tags, where)


class Lists(unittest.TestCase):
    def test_as_many_statements_as_the_standards_have(self):
        self.assertEqual(len(statements.VERSIONS["v5"][1]), 251)
        self.assertEqual(len(statements.VERSIONS["v3.1.1"][1]), 141)

    def test_every_statement_has_a_row(self):
        self.assertEqual(statements.faults(statements.cases()), [])

    def test_statement_without_a_test_is_found(self):
        without = [one for one in statements.cases() if "3.12.4-1" not in one.tags]
        self.assertEqual(len(statements.faults(without)), 2)

    def test_unknown_tag_is_found(self):
        self.assertEqual(len(statements.faults(statements.cases() + [case("9.9.9-9")])), 1)

    def test_test_and_reason_for_none_contradict(self):
        with mock.patch.dict(not_shown.REASONS, {("v5", "3.12.4-1"): "because"}):
            self.assertEqual(len(statements.faults(statements.cases())), 1)

    def test_page_has_a_row_for_each_statement(self):
        rows = [line for line in document.document(statements.cases()).splitlines() if line.startswith("| ")]
        tagged = [row for row in rows if row[2].isdigit()]
        self.assertEqual(len(tagged), 251 + 141)
        for row in tagged:
            self.assertEqual(row.count("|"), 5, row)
            self.assertTrue(row.endswith("| shown |") or "not yet: " in row or "not shown: " in row, row)


class Verdicts(unittest.TestCase):
    def verdict(self, results, features=()):
        with mock.patch.object(not_yet, "FEATURES", dict(features)), mock.patch("builtins.print"):
            return run.verdict_of("one", results)

    def test_all_pass(self):
        self.assertTrue(self.verdict([(case("1-1"), None)]))

    def test_failure(self):
        self.assertFalse(self.verdict([(case("1-1"), "why")]))

    def test_expected_failure(self):
        self.assertTrue(self.verdict([(case("1-1"), "why"), (case("1-1"), None)], {("v5", "1-1"): "missing"}))

    def test_expected_failure_that_passes(self):
        self.assertFalse(self.verdict([(case("1-1"), None)], {("v5", "1-1"): "missing"}))

    def test_failure_that_is_expected_for_another_statement_alone(self):
        self.assertFalse(self.verdict([(case("1-1", "1-2"), "why")], {("v5", "1-1"): "missing"}))


class Faults(unittest.TestCase):
    def test_enough_of_them_in_all_chapters(self):
        self.assertGreaterEqual(len(FAULTS), 60)
        chapters = {".".join(fault.tag.split("-")[0].split(".")[:2]) for fault in FAULTS}
        self.assertGreaterEqual(chapters, {"1.5", "2.2", "3.1", "3.2", "3.3", "3.8", "3.10", "3.14", "4.3", "4.7"})

    def test_named_tests_show_the_statements(self):
        shown = {(case.function.__name__, tag) for case in statements.cases() for tag in case.tags}
        self.assertEqual([fault.name for fault in FAULTS if (fault.test, fault.tag) not in shown], [])

    def test_code_stands_where_it_should(self):
        self.assertEqual(misplaced(), [])


class Packets(unittest.TestCase):
    def parse(self, data, version=V5):
        return packets.parse(data[0], data[2:], version, len(data))

    def test_right_packets(self):
        self.assertTrue(self.parse(b"\x20\x03\x01\x00\x00").session_present)
        self.assertEqual(self.parse(b"\x32\x07\0\1t\0\7\0x").packet_id, 7)
        self.assertEqual(self.parse(b"\x62\x03\0\1\x92").reason, 0x92)
        self.assertEqual(self.parse(b"\x90\x05\0\1\1\2\x80", V3).reasons, [1, 2, 0x80])

    def test_wrong_packets(self):
        for wrong in (b"\x20\x03\x02\x00\x00", b"\x21\x03\0\0\0", b"\x20\x03\0\x01\0", b"\x20\x02\0\0",
                      b"\x30\x05\0\1\xff\0x", b"\x30\x04\0\1\0\0", b"\x38\x04\0\1t\0", b"\x36\x06\0\1t\0\1\0",
                      b"\x32\x06\0\1t\0\0\0", b"\x60\x02\0\1", b"\x40\x03\0\1\x01", b"\x90\x04\0\1\0\x03",
                      b"\xd0\x01\0", b"\xe0\x01\x04", b"\x00\x00", b"\x40\x04\0\1\0\5"):
            with self.assertRaises(Violation, msg=wrong):
                self.parse(wrong)

    def test_variable_byte_integers(self):
        for number in (0, 127, 128, 16_383, 16_384, 268_435_455):
            self.assertEqual(Reader(variable(number)).variable(), number)
        for wrong in (b"\x80\x00", b"\xff\x80\x00", b"\xff\xff\xff\xff\x01"):
            with self.assertRaises(Violation):
                Reader(wrong).variable()

    def test_properties(self):
        pairs = [("user_property", ("a", "b")), ("content_type", "x"), ("user_property", ("a", "b"))]
        self.assertEqual(Reader(properties(pairs)).properties("PUBLISH"), pairs)
        for place, wrong in (("PUBLISH", [("content_type", "x")] * 2), ("CONNACK", [("topic_alias", 1)]),
                             ("PUBLISH", [("content_type", b"\xff")])):
            with self.assertRaises(Violation):
                Reader(properties(wrong)).properties(place)


if __name__ == "__main__":
    unittest.main(verbosity=2)
