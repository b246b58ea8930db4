"""A Docker engine of the test's own, and the part of Kubernetes that runs pods: from the rendered manifests, under the
names that StatefulSets give, with the probes and stops that kubelet makes.

Importing this makes the modules of the neighbouring tests importable too: harness (tests/integration) and manifests
(tests/k8s)."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("MQTTZOO_BUILD_DIR", ROOT / "build"))
sys.path += [str(ROOT / "tests" / "integration"), str(ROOT / "tests" / "k8s")]
