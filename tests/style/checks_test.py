"""Tests of the style checks themselves: each finds what it is there to find, and nothing in clean code."""

import unittest

import conventions
import layers
import lengths
from functions import functions_of
from sources import strip_comments_and_literals


class Layers(unittest.TestCase):
    def test_inner_layer_may_not_know_an_outer_one(self):
        faults = layers.faults_of("broker/core/session.cpp", '#include "broker/net/listener.hpp"\n')
        self.assertEqual(faults, ["broker/core/session.cpp:1: broker/core may not know broker/net"])

    def test_outer_layer_may_know_an_inner_one(self):
        self.assertEqual(layers.faults_of("broker/net/a.cpp", '#include "broker/core/session.hpp"\n'), [])

    def test_include_that_does_not_begin_at_the_root(self):
        self.assertEqual(len(layers.faults_of("broker/core/a.cpp", '#include "session.hpp"\n')), 1)

    def test_only_zk_knows_the_zookeeper_client(self):
        text = "#include <vector>\n#include <zookeeper/zookeeper.h>\n"
        self.assertEqual(layers.faults_of("zk/session.cpp", text), [])
        self.assertEqual(layers.faults_of("broker/net/a.cpp", text),
                         ["broker/net/a.cpp:2: only zk may include <zookeeper/zookeeper.h>"])

    def test_what_joins_its_siblings_is_known_by_none_of_them(self):
        text = '#include "broker/cluster/control/control.hpp"\n'
        self.assertEqual(len(layers.faults_of("broker/cluster/view/a.cpp", text)), 1)
        self.assertEqual(layers.faults_of("broker/cluster/control/a.cpp", text), [])
        self.assertEqual(layers.faults_of("broker/net/a.cpp", text), [])

    def test_pure_layer_has_no_threads(self):
        self.assertEqual(len(layers.faults_of("broker/cluster/a.hpp", "#include <thread>\n")), 1)
        self.assertEqual(layers.faults_of("broker/net/a.hpp", "#include <thread>\n"), [])

    def test_unknown_directory_is_a_fault(self):
        self.assertEqual(len(layers.faults_of("elsewhere/a.cpp", "")), 1)


class Functions(unittest.TestCase):
    def names(self, text):
        return [(name, length) for name, _, length in functions_of(text)]

    def test_free_functions_and_methods(self):
        text = "namespace a {\nint f(int x) {\n  if (x) {\n  }\n  return 1;\n}\nvoid B::g() const { f(1); }\n}\n"
        self.assertEqual(self.names(text), [("f", 5), ("B::g", 1)])

    def test_constructor_with_braced_members(self):
        text = "A::A(int x) : x_{x}, y_(x),\n  z_{1} {\n  run();\n}\nvoid f() {}\n"
        self.assertEqual(self.names(text), [("A::A", 4), ("f", 1)])

    def test_braced_default_argument_and_template(self):
        text = "template <typename T>\nvoid f(T t = {}, int = 1)\n{\n}\n"
        self.assertEqual([length for _, length in self.names(text)], [4])

    def test_values_and_classes_are_no_functions(self):
        text = "struct A {\n  int x{f()};\n  int y = 1;\n};\nconstexpr int t[] = {1, 2};\nenum class E { a };\n"
        self.assertEqual(self.names(text), [])

    def test_method_in_a_class_and_lambda_in_a_function(self):
        text = "class A final : public B<int> {\n public:\n  void f() {\n    g([] { return 1; });\n  }\n};\n"
        self.assertEqual(self.names(text), [("f", 3)])

    def test_braces_in_literals_and_comments_do_not_count(self):
        text = 'void f() {\n  g("{", \'{\', R"x({ ")x");  // {\n}\nvoid h() {}\n'
        self.assertEqual(self.names(text), [("f", 3), ("h", 1)])

    def test_digit_separators_are_no_literals(self):
        self.assertIn("y", strip_comments_and_literals("int x = 1'000; int y = 2'000;"))


class Lengths(unittest.TestCase):
    def test_long_file(self):
        limit = lengths.FILE_LINES_MAX
        self.assertEqual(lengths.faults_of("a.cpp", "\n" * limit), [])
        self.assertEqual(len(lengths.faults_of("a.cpp", "\n" * (limit + 1))), 1)

    def test_long_functions(self):
        inner = lengths.FUNCTION_LINES_MAX - 2
        self.assertEqual(lengths.faults_of("a.cpp", "void f() {\n" + "\n" * inner + "}\n"), [])
        self.assertEqual(len(lengths.faults_of("a.cpp", "void f() {\n" + "\n" * (inner + 1) + "}\n")), 1)
        self.assertEqual(len(lengths.faults_of("a.py", "def f():\n" + "    x = 1\n" * (inner + 2))), 1)


class Conventions(unittest.TestCase):
    def test_header_guard(self):
        self.assertEqual(len(conventions.faults_of("broker/net/a.hpp", "int f();\n")), 1)
        self.assertEqual(conventions.faults_of("broker/net/a.hpp", "#pragma once\nint f();\n"), [])

    def test_clock_in_a_pure_layer(self):
        text = "auto t = std::chrono::steady_clock::now();\n"
        self.assertEqual(len(conventions.faults_of("broker/core/a.cpp", text)), 1)
        self.assertEqual(conventions.faults_of("broker/net/a.cpp", text), [])

    def test_sleeping_test(self):
        text = "std::this_thread::sleep_for(1s);\n"
        self.assertEqual(len(conventions.faults_of("tests/core/a_test.cpp", text)), 1)

    def test_swallowed_error_and_unfinished_work(self):
        self.assertEqual(len(conventions.faults_of("zk/a.cpp", "catch (...) { }\n")), 1)
        self.assertEqual(len(conventions.text_faults_of("a.md", "TO" + "DO: more\n")), 1)
        self.assertEqual(len(conventions.text_faults_of("a.md", "space \nno end")), 2)


if __name__ == "__main__":
    unittest.main()
