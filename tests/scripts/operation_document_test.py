"""docs/operation.md lists the metrics that a running cluster of three has, with their labels, and no other; the reasons
of /readyz and the log lines that it explains are those of the sources."""

import re
import sys
import unittest

from documents import ROOT, differences, read, table_of

sys.path.insert(0, str(ROOT / "tests" / "integration"))
from harness.clients import Paho  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

DOCUMENT = "docs/operation.md"
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def metrics_of(page):
    """name -> sorted names of its labels."""
    found = {}
    for line in page.splitlines():
        match = re.match(r"([a-z]\w*)(?:\{(.*)\})? ", line)
        if match:
            found.setdefault(match[1], set()).update(re.findall(r'(\w+)="', match[2] or ""))
    return {name: sorted(labels) for name, labels in found.items()}


def documented_metrics():
    return {name: sorted(re.findall(r"`(\w+)`", labels)) for name, labels, _ in table_of(read(DOCUMENT), "Metric")}


def literals_of_sources():
    files = sorted([*(ROOT / "broker").rglob("*.cpp"), *(ROOT / "zk").rglob("*.cpp")])
    # Literals that stand side by side are one, also across lines.
    joined = (re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8")) for path in files)
    return [literal for text in joined for literal in LITERAL.findall(text)]


def unknown_texts(texts, literals):
    """Texts of which a part, between the `...` that stand for names and numbers, is in no literal."""
    parts = [(text, part) for text in texts for part in re.split(r"\.\.\.", text) if part.strip(" :")]
    return sorted({text for text, part in parts if not any(part in literal for literal in literals)})


def documented_sys_topics():
    """topic, of which the last level may be `+`"""
    return {name for name, _ in table_of(read(DOCUMENT), "`$SYS/broker/...`")}


def sys_topics_of(broker):
    """The same of a running broker, whose load averages have a `+` for their span."""
    client = Paho(broker)
    try:
        client.subscribe("$SYS/broker/cluster/ready", 0)
        wait_until(lambda: b"1" in [m.payload for m in client.messages], "the topics of a broker that is ready")
        client.subscribe("$SYS/#", 0)
        client.subscribe("$SYS/broker/version", 0)
        wait_until(lambda: [m.topic for m in client.messages].count("$SYS/broker/version") == 2, "all of them")
        names = {message.topic.removeprefix("$SYS/broker/") for message in client.messages}
        return {re.sub(r"^(load/.*/)\d+min$", r"\1+", name) for name in names}
    finally:
        client.close()


class OperationDocument(unittest.TestCase):
    maxDiff = None

    def test_metrics_and_sys_topics_of_a_cluster(self):
        cluster = Cluster(settings=("sys_interval 1",))
        self.addCleanup(cluster.stop)
        for broker in cluster.start().brokers:
            real = metrics_of(broker.get("/metrics")[1])
            self.assertIn("mqttzoo_ready", real)
            self.assertEqual(differences(documented_metrics(), real, "the metric"), [])
            self.assertEqual(sys_topics_of(broker), documented_sys_topics())

    def test_readiness_and_log_lines(self):
        literals = literals_of_sources()
        for heading in "Reason", "Line":
            texts = [row[0] for row in table_of(read(DOCUMENT), heading)]
            self.assertGreater(len(texts), 5)
            self.assertEqual(unknown_texts(texts, literals), [])

    def test_every_reason_of_readiness_is_explained(self):
        reasons = re.findall(r'reasons\.push_back\((.*?)\);', read("broker/cluster/control/control_status.cpp"), re.DOTALL)
        self.assertGreater(len(reasons), 5)
        documented = [row[0] for row in table_of(read(DOCUMENT), "Reason")]
        for reason in reasons:
            words = LITERAL.findall(reason)
            if words:
                self.assertTrue(any(text.startswith(words[0].rstrip(" :")) for text in documented), reason)


class Checks(unittest.TestCase):
    """The comparisons find what they are there to find."""

    def test_metrics(self):
        self.assertEqual(metrics_of('# HELP a x\na{q="1",r=""} 2\na{q="2",r=""} 2\nb 1\n'), {"a": ["q", "r"], "b": []})

    def test_texts(self):
        self.assertEqual(unknown_texts(["stuck for ... ms", "gone ..."], ["stuck for ", " ms"]), ["gone ..."])


if __name__ == "__main__":
    unittest.main()
