"""What a clone keeps in `.local/`: the tools on one PATH, its way into the cluster, its own Pulumi state."""

import hashlib
import json
import os
import shlex
import sys
from pathlib import Path

from ruamel.yaml import YAML

from local import stand_ins, tools
from local.cluster import addresses
from local.cluster.choice import PROMETHEUS, Cluster
from local.commands import run

CONTEXT = "alys-local"
STACK = "local"
# Never through a proxy: this machine, and the embedded cluster's node.
DIRECT = ("localhost", "127.0.0.1", addresses.NODE)


def folder(clone: Path) -> Path:
    return clone / ".local"


def namespace(clone: Path) -> str:
    """A namespace of each clone's own, for one cluster serves them all."""
    return "alys-" + hashlib.sha256(str(clone).encode()).hexdigest()[:8]


def write(clone: Path, cluster: Cluster) -> list[str]:
    """Brings `.local/` up to date; answers the names of the stand-ins among its programs."""
    local = folder(clone)
    (local / "bin").mkdir(parents=True, exist_ok=True)
    (local / "state").mkdir(exist_ok=True)
    for name in tools.USERS:
        _link(local / "bin" / name, tools.ensure(name))
    _replace(local / "bin" / "release", shim_text(clone, ("release",)), 0o755)
    shims = stand_ins.needed(tools.ensure("pulumi"))
    for name in stand_ins.MODULES:
        shim = local / "bin" / name
        if name in shims:
            _replace(shim, shim_text(clone, stand_ins.MODULES[name]), 0o755)
        else:
            shim.unlink(missing_ok=True)
    _replace(local / "kubeconfig", kubeconfig(cluster.kubeconfig, namespace(clone)), 0o600)
    given = variables(clone, cluster)
    _replace(local / "env", env_text(clone, given), 0o644)
    _select_stack(clone, given)
    return shims


def variables(clone: Path, cluster: Cluster) -> dict[str, str]:
    """What the tools read; the passphrase protects nothing but the local stack's throw-away secrets."""
    local = folder(clone)
    return {
        "KUBECONFIG": str(local / "kubeconfig"),
        "PULUMI_BACKEND_URL": f"file://{local / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "REGISTRY": cluster.registry,
        PROMETHEUS: cluster.prometheus,
    }


def env_text(clone: Path, given: dict[str, str]) -> str:
    """A file for `. .local/env`, in plain sh; sourcing it twice changes nothing more."""
    bin_folder = shlex.quote(str(folder(clone) / "bin"))
    lines = ["# Written by `python -m local env`; source it: . .local/env"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in given.items()]
    direct = ",".join(DIRECT)
    for name in ("NO_PROXY", "no_proxy"):
        extended = f'export {name}="{direct}${{{name}:+,${name}}}"'
        lines += [f'case ",${{{name}-}}," in *,{direct},*) ;; *) {extended} ;; esac']
    lines += [f'case ":$PATH:" in *:{bin_folder}:*) ;; *) export PATH={bin_folder}:"$PATH" ;; esac']
    return "\n".join(lines) + "\n"


def shim_text(clone: Path, arguments: tuple[str, ...]) -> str:
    """A program that is a module of this clone, run by this clone's Python."""
    argv = shlex.join([sys.executable, "-m", *arguments])
    return f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(clone))} exec {argv} "$@"\n'


def kubeconfig(source: str, namespace_name: str) -> str:
    """The same cluster and user under our names, with this clone's namespace; reads YAML as well as JSON."""
    content = YAML(typ="safe").load(source)
    context = next(c for c in content["contexts"] if c["name"] == content["current-context"])["context"]
    cluster = next(c for c in content["clusters"] if c["name"] == context["cluster"])["cluster"]
    user = next(u for u in content["users"] if u["name"] == context["user"])["user"]
    inner = {"cluster": CONTEXT, "user": CONTEXT, "namespace": namespace_name}
    ours = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": inner}],
        "current-context": CONTEXT,
    }
    return json.dumps(ours, indent=2) + "\n"


def _select_stack(clone: Path, given: dict[str, str]) -> None:
    """So that `pulumi up -s local` works at once."""
    state = folder(clone) / "state" / ".pulumi" / "stacks" / "alys" / f"{STACK}.json"
    if state.exists() or not (clone / "Pulumi.yaml").exists():
        return
    environment = given | {"PATH": f"{folder(clone) / 'bin'}:{os.environ['PATH']}"}
    pulumi = str(folder(clone) / "bin" / "pulumi")
    run(
        [pulumi, "-C", str(clone), "stack", "select", "--create", STACK, "--non-interactive"], env=environment
    )


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(link)


def _replace(path: Path, text: str, mode: int) -> None:
    """Whole or not at all: another shell may be reading it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=mode)
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.replace(path)
