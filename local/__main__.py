"""`python -m local`: the tools and the cluster of this machine."""

import argparse
import sys
from pathlib import Path

from local import environment, samples, stand_ins, tools
from local.cluster import choice
from local.errors import LocalError

CLONE = Path(__file__).resolve().parent.parent


def fetch_tools() -> None:
    """Finds or builds pulumi, helm and kubectl."""
    for name in tools.USERS:
        print(f"{name}: {tools.ensure(name)}")


def up() -> None:
    """Finds or starts a cluster, and writes this clone's .local/ for it."""
    cluster = choice.up(environment.folder(CLONE) / "kubeconfig")
    shims = environment.write(CLONE, cluster)
    if shims:
        print(f"stand-ins: {', '.join(shims)} (remove {stand_ins.refusals()} to try the official ones again)")
    print(f"cluster: {cluster.what}, registry: {cluster.registry}, namespace: {environment.namespace(CLONE)}")
    if not cluster.prometheus:
        print(f"no Prometheus scrapes its pods, and gates have no data: {choice.PROMETHEUS}=URL hands one in")
    try:
        samples.push(cluster.registry)
    except LocalError as error:
        # Whoever hands in a cluster may have versions of his own to deploy.
        print(f"the sample versions are not in {cluster.registry}: {error}")
    print(f"use it with: . {environment.folder(CLONE) / 'env'}")


def write_environment() -> None:
    """Writes this clone's .local/ for the cluster that there is, and starts none."""
    what, ailments = choice.ailments(environment.folder(CLONE) / "kubeconfig")
    if ailments:
        raise LocalError(
            f"cluster {what} can't be used: {'; '.join(ailments)}. `make cluster` starts or mends it"
        )
    up()


def down() -> None:
    """Ends the cluster of this machine; caches of tools and images stay."""
    choice.down()


def status() -> None:
    """Says which cluster there is and what is wrong with it; exit code 1 when it can't be used."""
    what, ailments = choice.ailments(environment.folder(CLONE) / "kubeconfig")
    print(f"cluster: {what}, {'; '.join(ailments) or 'healthy'}")
    if ailments:
        raise SystemExit(1)


VERBS = {"tools": fetch_tools, "up": up, "down": down, "status": status, "env": write_environment}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in VERBS.items():
        verbs.add_parser(name, help=verb.__doc__)
    try:
        VERBS[parser.parse_args(arguments).verb]()
    except LocalError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
