"""The images that the containers run: the base from Debian's packages, a stand-in for what others publish, and the
shipped Dockerfile, built for real."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import yaml
from manifests import container_of, rendered

from . import BUILD, ROOT

BASE = "debian:bookworm-slim"
WARM = "mqttzoo-warm-build"
BROKER = "mqttzoo:latest"
LOCALE = ("LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES")  # part of what the compiler cache compares


def import_base(engine):
    """debian:bookworm-slim without a registry."""
    if engine.has_image(BASE):
        return
    archive = BUILD / "containers" / "base.tar"
    # Written in one go: an interrupted run leaves nothing that looks like an image.
    partial = archive.with_suffix(".partial.tar")
    # The published image's own settings for apt and dpkg: nothing but time depends on them.
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--aptopt=Acquire::Languages \"none\"",
                    "--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/doc/*",
                    "--dpkgopt=path-exclude=/usr/share/locale/*", "bookworm", str(partial)], check=True)
    partial.rename(archive)
    engine.run("import", archive, BASE)
    archive.unlink()


def build_stand_ins(engine):
    """ZooKeeper's and HAProxy's images, under the names that the manifests and compose.yaml have."""
    source = ROOT / "tests" / "containers"
    names = {container_of(rendered()["StatefulSet", "zookeeper"])["image"],
             *(service["image"] for service in yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values())}
    names.remove(BROKER)
    with tempfile.TemporaryDirectory() as context:
        for name in sorted(names):
            engine.build(name, context, "-f", source / "stand_in.Dockerfile")


def _copy_sources(target):
    parts = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for part in parts:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target / part)
        else:
            shutil.copy2(ROOT / part, target / part)


def _copy_used_entries(cache, since, target):
    """Entries that ccache has used since then: it touches what it uses."""
    for path in cache.rglob("*[RM]"):
        if path.is_file() and path.stat().st_mtime >= since:
            copy = target / path.relative_to(cache)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)


def build_warm_base(engine):
    """The base with a compiler cache that this machine fills: it has compiled these very sources for the other tests,
    so what takes minutes in the Dockerfile takes seconds."""
    with tempfile.TemporaryDirectory() as directory:
        context = pathlib.Path(directory)
        sources = context / "sources"
        sources.mkdir()
        _copy_sources(sources)
        since = time.time() - 1
        environment = {name: value for name, value in os.environ.items() if name != "MQTTZOO_BUILD_DIR"}
        subprocess.run(["./automateBuild.sh", "build", "--no-install"], cwd=sources, env=environment, check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        cache = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True, check=True)
        shutil.rmtree(sources)
        entries = context / "root" / "root" / ".cache" / "ccache"
        entries.mkdir(parents=True)
        _copy_used_entries(pathlib.Path(cache.stdout.strip()), since, entries)
        locale = "".join(f"ENV {name}={os.environ[name]}\n" for name in LOCALE if os.environ.get(name))
        (context / "Dockerfile").write_text(f"FROM {BASE}\n{locale}COPY root/ /\n")
        engine.build(WARM, context)


def build_broker(engine, *options):
    """The shipped Dockerfile, from the shipped .dockerignore's files."""
    engine.build(BROKER, ROOT, *options)
