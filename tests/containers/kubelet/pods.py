"""Pods as containers: what a StatefulSet's controller and kubelet do with the rendered manifests, as far as it needs one
machine and no Kubernetes."""

import concurrent.futures
import pathlib
import re
import tempfile
import urllib.error
import urllib.request

from harness.waiting import wait_until
from manifests import container_of, environment_of, port_of, rendered

NETWORK = "mqttzoo"


class Pod:
    """One pod of a StatefulSet, from its start to its end. As Broker of the integration tests it has host and port."""

    port = 1883

    def __init__(self, engine, stateful_set, number, config_maps, links):
        self.engine = engine
        self.stateful_set = stateful_set
        self.spec = stateful_set["spec"]["template"]["spec"]
        self.container = container_of(stateful_set)
        self.name = f"{stateful_set['metadata']['name']}-{number}"
        self.config_maps = config_maps
        self.links = links
        self.host = None

    def start(self):
        container, security = self.container, dict(self.spec["securityContext"], **self.container["securityContext"])
        if security["runAsNonRoot"] and not security["runAsUser"]:
            raise ValueError("a pod that must not be root's")
        command = container.get("command", []) + container.get("args", [])
        options = ["--name", self.name, "--hostname", self.name, "--network", NETWORK, *self._names(),
                   "--user", f"{security['runAsUser']}:{security['runAsGroup']}",
                   "--memory", re.sub("i$", "", container["resources"]["limits"]["memory"]).lower(),
                   *[f"--cap-drop={capability}" for capability in security["capabilities"]["drop"]],
                   *self._environment(), *self._mounts()]
        if not security["allowPrivilegeEscalation"]:
            options += ["--security-opt", "no-new-privileges"]
        if security.get("readOnlyRootFilesystem"):
            options.append("--read-only")
        if "command" in container:
            options += ["--entrypoint", command.pop(0)]
        self.engine.run("run", "-d", *options, container["image"], *command)
        (network,) = self.engine.inspect(self.name)["NetworkSettings"]["Networks"].values()
        self.host = network["IPAddress"]
        return self

    def _names(self):
        """The pod's own name in the headless service, and the service's, which leads to all of its pods."""
        service = self.stateful_set["spec"]["serviceName"]
        namespace = self.stateful_set["metadata"]["namespace"]
        names = [f"{self.name}.{service}", f"{self.name}.{service}.{namespace}.svc.cluster.local", service]
        return [option for name in names for option in ("--network-alias", name)]

    def _environment(self):
        fields = {"metadata.name": self.name, "metadata.namespace": self.stateful_set["metadata"]["namespace"]}
        environment = environment_of(self.container, fields)
        if self.spec.get("enableServiceLinks", True):
            environment.update(self.links)
        return [option for name, value in environment.items() for option in ("--env", f"{name}={value}")]

    def _mounts(self):
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        options = []
        for mount in self.container["volumeMounts"]:
            volume = volumes.get(mount["name"])
            if volume is None:  # a volume claim: it outlives the pod
                source, access = f"{mount['name']}-{self.name}", "rw"
            else:
                source, access = self.config_maps[volume["configMap"]["name"]], "ro"
            options += ["--volume", f"{source}:{mount['mountPath']}:{access}"]
        return options

    def probe(self, name):
        """One try of the probe, as kubelet makes it."""
        probe = self.container[name]
        if "exec" in probe:
            return self.engine.run("exec", self.name, *probe["exec"]["command"], check=False).returncode == 0
        status, _ = self.get(probe["httpGet"]["path"], port_of(self.container, probe["httpGet"]["port"]))
        return 200 <= status < 400

    def ready(self):
        return self.probe("readinessProbe")

    def get(self, path, port=8080):
        """(status, body) of a GET; (0, '') while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{self.host}:{port}{path}", timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        match = re.search(rf"^{name} ([0-9.e+]+)$", self.get("/metrics")[1], re.MULTILINE)
        return float(match[1]) if match else None

    def log(self):
        return self.engine.run("logs", "--tail", 40, self.name, check=False).stdout

    def kill(self):
        """The pod is gone without a word; its volume stays."""
        self.engine.run("rm", "-f", self.name)

    def end(self):
        """The stop that kubelet makes: preStop, SIGTERM, and SIGKILL after the grace period. Returns the exit code."""
        prestop = self.container.get("lifecycle", {}).get("preStop")
        if prestop:
            self.engine.run("exec", self.name, *prestop["exec"]["command"])
        self.engine.run("stop", "--time", self.spec["terminationGracePeriodSeconds"], self.name)
        code = self.engine.inspect(self.name)["State"]["ExitCode"]
        self.engine.run("rm", self.name)
        return code


class Pods:
    """The pods of all StatefulSets, on a network of their own."""

    def __init__(self, engine):
        self.engine = engine
        self.objects = rendered()
        self.directory = tempfile.TemporaryDirectory(prefix="mqttzoo-pods-")
        self.config_maps = {name: self._write_config_map(name, item["data"])
                            for (kind, name), item in self.objects.items() if kind == "ConfigMap"}
        self.of = {name: [] for (kind, name) in self.objects if kind == "StatefulSet"}
        engine.run("network", "create", NETWORK)

    def _write_config_map(self, name, data):
        directory = pathlib.Path(self.directory.name) / name
        directory.mkdir()
        for key, text in data.items():
            (directory / key).write_text(text)
        pathlib.Path(self.directory.name).chmod(0o755)
        return directory

    def _links(self):
        """The variables that Kubernetes makes of services, in pods that do not refuse them."""
        links = {}
        for kind, name in self.objects:
            if kind == "Service":
                prefix = name.upper().replace("-", "_")
                links.update({f"{prefix}_SERVICE_HOST": "10.96.0.9", f"{prefix}_PORT": "tcp://10.96.0.9:1883"})
        return links

    def new(self, name, number):
        return Pod(self.engine, self.objects["StatefulSet", name], number, self.config_maps, self._links())

    def scale(self, name, replicas=None):
        """Starts or ends pods, all at once as `Parallel` says, and waits until those that run are ready. Returns the
        exit codes of those that ended."""
        pods = self.of[name]
        if replicas is None:
            replicas = self.objects["StatefulSet", name]["spec"]["replicas"]
        while len(pods) < replicas:
            pods.append(self.new(name, len(pods)).start())
        leaving = pods[replicas:]
        del pods[replicas:]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            codes = list(pool.map(Pod.end, leaving))
        self.wait_ready(name)
        return codes

    def wait_ready(self, name, seconds=90):
        for pod in self.of[name]:
            try:
                wait_until(pod.ready, f"{pod.name} to be ready", seconds, 0.2)
            except TimeoutError as error:
                raise TimeoutError(f"{error}\n{pod.get('/readyz')}\n{pod.log()}") from None
