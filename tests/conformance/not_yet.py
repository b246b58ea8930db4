"""What the broker does not do yet: the one place. The tests of these statements are expected to fail; an entry whose
tests pass fails the run, so the list only shrinks. After a change: `run.py document`."""

_MISSING = {}

# Where their tests fail, if not against one broker and against three alike: (version, tag): the names.
BROKERS = ("one", "three")
TOPOLOGIES = {}

FEATURES = {(version, tag): feature for (version, feature), tags in _MISSING.items() for tag in tags.split()}


def expected(key, topology):
    """Whether the tests of that statement fail in that topology."""
    return key in FEATURES and topology in TOPOLOGIES.get(key, BROKERS)
