"""Names the pods that want to be scraped; Debian builds its Prometheus without Kubernetes' own discovery."""

import json
import time
from http.client import HTTPException
from pathlib import Path

from local.cluster import config
from local.cluster.api import JSON, Api, ApiError

PODS = "/api/v1/pods"
FILE = Path(config.TARGETS)
ANNOTATION = "prometheus.io"
WATCH_SECONDS = 20
# Pods change in bursts; one look after a burst is enough.
BURST_SECONDS = 0.5


def wants_scraping(pod: JSON) -> bool:
    """Whether a pod asks for it, and has the address to be asked at."""
    ended = pod["status"].get("phase") in {"Succeeded", "Failed"}
    return _annotated(pod, "scrape") == "true" and bool(pod["status"].get("podIP")) and not ended


def group(pod: JSON) -> JSON:
    """A pod as Prometheus' file-based discovery has it, at its annotated port or at all that it declares."""
    meta, address = pod["metadata"], pod["status"]["podIP"]
    annotated = _annotated(pod, "port")
    declared = [port for c in pod["spec"]["containers"] for port in c.get("ports", [])]
    ports = [annotated] if annotated else [port["containerPort"] for port in declared]
    labels = {
        "namespace": meta["namespace"],
        "pod": meta["name"],
        "__scheme__": _annotated(pod, "scheme") or "http",
        "__metrics_path__": _annotated(pod, "path") or "/metrics",
    }
    return {"targets": [f"{address}:{port}" for port in ports], "labels": labels}


def settle(api: Api) -> str:
    """Writes down who is to be scraped now; answers the version of the pods that it has seen."""
    pods = api.get(PODS)
    text = json.dumps([group(pod) for pod in pods["items"] if wants_scraping(pod)], indent=2)
    if not FILE.exists() or FILE.read_text() != text:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        fresh = FILE.with_suffix(".fresh")
        fresh.write_text(text)
        # Whole or not at all: Prometheus looks at every change in this folder.
        fresh.replace(FILE)
    return pods["metadata"]["resourceVersion"]


def _annotated(pod: JSON, name: str) -> str:
    return pod["metadata"].get("annotations", {}).get(f"{ANNOTATION}/{name}", "")


def _wait_for_change(api: Api, version: str) -> None:
    for _ in api.watch(f"{PODS}?resourceVersion={version}", WATCH_SECONDS):
        time.sleep(BURST_SECONDS)
        return


def main() -> None:
    api = Api(Path(config.PKI))
    while True:
        try:
            while True:
                _wait_for_change(api, settle(api))
        except (OSError, ApiError, HTTPException, ValueError) as error:
            print(f"trying again: {error}", flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main()
