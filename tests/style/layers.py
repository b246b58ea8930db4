"""Checks which layer includes which: the rings of ARCHITECTURE.md, as far as headers would let a wrong include through."""

import re

from sources import cpp_files, read, report

# What each directory may include besides itself. The innermost come first.
ALLOWED = {
    "proto/mqtt": [],
    "proto/cluster": [],
    "broker/common": [],
    "broker/core": ["proto/mqtt", "broker/common"],
    "broker/cluster": ["proto/mqtt", "proto/cluster", "broker/common", "broker/core"],
    "broker/config": ["broker/common"],
    "broker/auth": ["proto/mqtt", "broker/common", "broker/core"],
    "broker/storage": ["proto/mqtt", "proto/cluster", "broker/common", "broker/core", "broker/cluster"],
    "broker/ops": ["broker/common"],
    "broker/net": ["proto/mqtt", "proto/cluster", "broker/common", "broker/core", "broker/cluster"],
    "zk": ["proto/cluster", "broker/common", "broker/core", "broker/cluster"],
    "client": ["proto/mqtt", "broker/common"],
    "broker/bridge": ["proto/mqtt", "broker/common", "broker/core", "client"],
}
# broker/node and main join all parts; tests may look at everything.
UNRESTRICTED = ("broker", "tests")

# The parts of broker/cluster that join all others (broker/cluster/README.md).
JOINERS = ("broker/cluster/control", "broker/cluster/router")

# State machines without sockets, threads, clocks, randomness and logging of their own.
PURE = ("proto/mqtt", "proto/cluster", "broker/common", "broker/core", "broker/cluster")
IMPURE_HEADERS = re.compile(
    r"^(thread|mutex|shared_mutex|condition_variable|future|semaphore|stop_token|coroutine|random|iostream|fstream|"
    r"filesystem|ctime|time\.h|unistd\.h|poll\.h|netdb\.h|sys/.*|netinet/.*|boost/asio.*|boost/beast.*|spdlog/.*)$")

# Who may include the headers of a library.
LIBRARY_USERS = {
    r"zookeeper/.*": ("zk",),
    r"boost/asio.*": ("broker/net", "broker/ops", "broker", "client", "broker/bridge"),
    r"boost/beast.*": ("broker/net", "broker/ops"),
    r"CLI/.*": ("broker/config", "broker", "client"),
    r"spdlog/.*": ("broker/ops",),
    r"prometheus/.*": ("broker/ops",),
    r"openssl/(?!sha\.h).*": ("broker/net", "broker/auth", "broker/config", "client"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def layer_of(name):
    """The innermost directory of ALLOWED or UNRESTRICTED that holds the file; None for an unknown one."""
    directory = name.rpartition("/")[0]
    while directory:
        if directory in ALLOWED or directory in UNRESTRICTED:
            return directory
        directory = directory.rpartition("/")[0]
    return None


def own_include_fault(layer, included):
    target = layer_of(included)
    if target is None:
        return f'"{included}" is no path from the root of the sources'
    if layer in UNRESTRICTED or target == layer or target in ALLOWED[layer]:
        return None
    return f"{layer} may not know {target}"


def library_include_fault(layer, included):
    if layer in PURE and IMPURE_HEADERS.match(included):
        return f"{layer} has no sockets, threads, clocks, randomness or logging of its own"
    if layer == "tests":
        return None
    for library, users in LIBRARY_USERS.items():
        if re.fullmatch(library, included) and layer not in users:
            return f"only {', '.join(users)} may include <{included}>"
    return None


def joiner_fault(name, included):
    """What joins its siblings is known by none of them."""
    for joiner in JOINERS:
        siblings = joiner.rpartition("/")[0] + "/"
        if included.startswith(joiner + "/") and name.startswith(siblings) and not name.startswith(joiner + "/"):
            return f"{joiner} joins the others of {siblings}; none of them knows it"
    return None


def faults_of(name, text):
    layer = layer_of(name)
    if layer is None:
        return [f"{name}: this directory is in no layer (tests/style/layers.py)"]
    faults = []
    for match in INCLUDE.finditer(text):
        quote, included = match.groups()
        fault = (own_include_fault(layer, included) or joiner_fault(name, included) if quote == '"'
                 else library_include_fault(layer, included))
        if fault:
            line = text.count("\n", 0, match.start(1)) + 1
            faults.append(f"{name}:{line}: {fault}")
    return faults


if __name__ == "__main__":
    report([fault for name in cpp_files() for fault in faults_of(name, read(name))])
