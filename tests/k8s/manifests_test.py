"""k8s/, compose.yaml and Dockerfile agree with each other and with what the broker takes: names, ports, probes,
environment, arguments."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from manifests import ROOT, container_of, environment_of, port_of, rendered

BROKER = pathlib.Path(os.environ.get("MQTTZOO_BUILD_DIR", ROOT / "build")) / "broker" / "mqttzoo"
SETS = ["zookeeper", "mqttzoo"]


def key_values(text):
    """key -> value of each line of a mosquitto.conf."""
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {key: value.strip() for key, value in lines}


class Manifests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.objects = rendered()
        cls.sets = {name: cls.objects["StatefulSet", name] for name in SETS}
        cls.settings = key_values((ROOT / "k8s" / "mqttzoo.conf").read_text())

    def pod_of(self, name):
        return self.sets[name]["spec"]["template"]["spec"]

    def config_map_of(self, name):
        (reference,) = [volume["configMap"]["name"] for volume in self.pod_of(name)["volumes"]]
        return self.objects["ConfigMap", reference]

    def test_what_there_is(self):
        kinds = sorted(kind for kind, _ in self.objects)
        self.assertEqual(kinds, ["ConfigMap"] * 2 + ["Namespace"] + ["Service"] * 3 + ["StatefulSet"] * 2)
        for (kind, name), item in self.objects.items():
            if kind != "Namespace":
                self.assertEqual(item["metadata"]["namespace"], "mqttzoo", name)

    def test_selectors_find_the_pods_and_ports_lead_to_them(self):
        owners = {"zookeeper": "zookeeper", "mqttzoo": "mqttzoo", "mqttzoo-peers": "mqttzoo"}
        services = {name: item for (kind, name), item in self.objects.items() if kind == "Service"}
        self.assertEqual(set(services), set(owners))
        for name, service in services.items():
            owner = self.sets[owners[name]]
            labels = owner["spec"]["template"]["metadata"]["labels"]
            self.assertEqual(service["spec"]["selector"], labels)
            self.assertEqual(owner["spec"]["selector"]["matchLabels"], labels)
            for port in service["spec"]["ports"]:
                self.assertEqual(port_of(container_of(owner), port["targetPort"]), port["port"])

    def test_headless_services_know_pods_that_are_not_ready(self):
        for name in SETS:
            service = self.objects["Service", self.sets[name]["spec"]["serviceName"]]["spec"]
            self.assertEqual((service["clusterIP"], service["publishNotReadyAddresses"]), ("None", True))
            self.assertEqual(self.sets[name]["spec"]["podManagementPolicy"], "Parallel")

    def test_clients_get_brokers_that_are_ready_only(self):
        service = self.objects["Service", "mqttzoo"]["spec"]
        self.assertEqual(service["type"], "LoadBalancer")
        self.assertNotIn("publishNotReadyAddresses", service)
        self.assertEqual([port["port"] for port in service["ports"]], [1883])

    def test_pods_are_harmless(self):
        for name in SETS:
            pod, container = self.pod_of(name), container_of(self.sets[name])
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertGreater(pod["securityContext"]["runAsUser"], 0)
            self.assertFalse(pod["automountServiceAccountToken"])
            self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
            self.assertFalse(container["securityContext"]["allowPrivilegeEscalation"])
            self.assertIn("memory", container["resources"]["limits"])
            self.assertEqual(set(container["resources"]["requests"]), {"cpu", "memory"})

    def test_the_broker_takes_file_and_environment(self):
        container = container_of(self.sets["mqttzoo"])
        environment = environment_of(container, {"metadata.name": "mqttzoo-2"})
        self.assertEqual(environment, {"MQTTZOO_BROKER_NAME": "mqttzoo-2",
                                       "MQTTZOO_CLUSTER_ADVERTISE": "mqttzoo-2.mqttzoo-peers:7883"})
        option, path = container["args"]
        (mount,) = container["volumeMounts"]
        self.assertEqual((option, path), ("-c", f"{mount['mountPath']}/mqttzoo.conf"))
        for wrong in None, "MQTTZOO_THREADS":  # and the check does read both
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write(self.config_map_of("mqttzoo")["data"]["mqttzoo.conf"])
                file.flush()
                run = subprocess.run([BROKER, "--test-config", option, file.name], capture_output=True, text=True,
                                     env=dict(environment, **({wrong: "x"} if wrong else {})))
            self.assertEqual(run.returncode, 1 if wrong else 0, run.stderr)

    def test_service_links_would_be_taken_for_the_brokers_own_variables(self):
        self.assertFalse(self.pod_of("mqttzoo")["enableServiceLinks"])

    def test_addresses_of_the_broker(self):
        container, name = container_of(self.sets["mqttzoo"]), self.sets["mqttzoo"]["spec"]["serviceName"]
        self.assertEqual(self.settings["listener"], str(port_of(container, "mqtt")))
        self.assertEqual(self.settings["http_listener"], str(port_of(container, "http")))
        self.assertEqual(self.settings["cluster_listener"], f"0.0.0.0:{port_of(container, 'peers')}")
        advertised = environment_of(container, {"metadata.name": "POD"})["MQTTZOO_CLUSTER_ADVERTISE"]
        self.assertEqual(advertised, f"POD.{name}:{port_of(container, 'peers')}")

    def test_probes_of_the_broker(self):
        container = container_of(self.sets["mqttzoo"])
        for probe, path in ("startup", "/healthz"), ("liveness", "/healthz"), ("readiness", "/readyz"):
            self.assertEqual(container[f"{probe}Probe"]["httpGet"], {"path": path, "port": "http"})

    def test_a_stop_has_the_time_it_needs(self):
        pod, container = self.pod_of("mqttzoo"), container_of(self.sets["mqttzoo"])
        program, seconds = container["lifecycle"]["preStop"]["exec"]["command"]
        self.assertEqual(program, "sleep")
        # 3 s for clients, 3 s for brokers, 2 s for ZooKeeper (docs/operation.md).
        self.assertGreater(pod["terminationGracePeriodSeconds"], int(seconds) + 8)

    def test_one_ensemble(self):
        replicas = self.sets["zookeeper"]["spec"]["replicas"]
        self.assertEqual(replicas, 3)
        names = [f"zookeeper-{number}.zookeeper" for number in range(replicas)]
        configuration = self.config_map_of("zookeeper")["data"]["zoo.cfg"]
        servers = dict(re.findall(r"^server\.(\d+)=(\S+)$", configuration, re.MULTILINE))
        self.assertEqual(servers, {str(number + 1): f"{name}:2888:3888" for number, name in enumerate(names)})
        hosts, chroot = self.settings["zookeeper"].split("/")
        self.assertEqual((hosts.split(","), chroot), ([f"{name}:2181" for name in names], "mqttzoo"))
        container = container_of(self.sets["zookeeper"])
        self.assertEqual([port_of(container, name) for name in ("client", "quorum", "election")], [2181, 2888, 3888])
        self.assertIn("clientPort=2181\n", configuration)
        for word in re.findall(r"printf (\w+) ", str(container)):
            self.assertRegex(configuration, rf"4lw\.commands\.whitelist=.*\b{word}\b")

    def test_images_are_pinned(self):
        self.assertRegex(container_of(self.sets["zookeeper"])["image"], r"^zookeeper:3\.(8\.([5-9]|\d\d)|9\.([4-9]|\d\d))$")
        # scripts/minikube.sh puts another tag in this very place.
        self.assertEqual(container_of(self.sets["mqttzoo"])["image"], "mqttzoo:latest")


class Compose(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        cls.objects = rendered()

    def test_the_same_servers_as_in_kubernetes(self):
        self.assertEqual(len(self.services), 7)
        for name in SETS:
            stateful_set = self.objects["StatefulSet", name]
            container = container_of(stateful_set)
            for number in range(stateful_set["spec"]["replicas"]):
                service = self.services[f"{name}-{number}"]
                self.assertEqual(service["image"], container["image"])
                command = [word.replace("$$", "$") for word in service["command"]]
                self.assertEqual(command, container.get("command", []) + container.get("args", []))
                self.assertEqual(service["environment"],
                                 environment_of(container, {"metadata.name": f"{name}-{number}"}))
                self.assertIn(f"{name}-{number}.{stateful_set['spec']['serviceName']}",
                              service["networks"]["default"]["aliases"])

    def test_files_that_are_mounted_exist(self):
        mounts = [mount.split(":")[0] for service in self.services.values() for mount in service["volumes"]]
        for path in filter(lambda mount: mount.startswith("./"), mounts):
            self.assertTrue((ROOT / path).is_file(), path)

    def test_the_balancer_knows_the_brokers(self):
        text = (ROOT / "packaging" / "haproxy.cfg").read_text()
        self.assertIn("mqttzoo-peers:1883", text)
        self.assertIn("GET /readyz", text)
        self.assertIn("check port 8080", text)


class Dockerfile(unittest.TestCase):
    def test_user_and_ports_are_those_of_the_manifests(self):
        text = (ROOT / "Dockerfile").read_text()
        stateful_set = rendered()["StatefulSet", "mqttzoo"]
        context = stateful_set["spec"]["template"]["spec"]["securityContext"]
        self.assertEqual(re.findall(r"^USER (.*)$", text, re.MULTILINE), [f"{context['runAsUser']}:{context['runAsGroup']}"])
        ports = sorted(entry["containerPort"] for entry in container_of(stateful_set)["ports"])
        (exposed,) = re.findall(r"^EXPOSE (.*)$", text, re.MULTILINE)
        self.assertEqual(sorted(map(int, exposed.split())), ports)


if __name__ == "__main__":
    unittest.main()
