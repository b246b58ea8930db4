"""The manifests of k8s/ as `kubectl kustomize` renders them, and what their parts say."""

import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rendered():
    """All objects, by (kind, name)."""
    page = subprocess.run(["kubectl", "kustomize", str(ROOT / "k8s")], capture_output=True, text=True, check=True)
    return {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(page.stdout)}


def container_of(stateful_set):
    (container,) = stateful_set["spec"]["template"]["spec"]["containers"]
    return container


def port_of(container, port):
    """The number of a port that is given by name or number."""
    if isinstance(port, int):
        return port
    return {entry["name"]: entry["containerPort"] for entry in container["ports"]}[port]


def environment_of(container, fields):
    """The container's environment, where `fields` has the values of fieldRef; $(NAME) is expanded as Kubernetes does:
    from variables that stand before."""
    environment = {}
    for entry in container.get("env", []):
        if "valueFrom" in entry:
            environment[entry["name"]] = fields[entry["valueFrom"]["fieldRef"]["fieldPath"]]
        else:
            environment[entry["name"]] = re.sub(r"\$\((\w+)\)", lambda m: environment.get(m[1], m[0]), entry["value"])
    return environment
