"""An API server that knows what the chart looks up in one namespace."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.chart.rendering import NAMESPACE, Manifest

_RESOURCES = {
    "/api/v1": {"ConfigMap": "configmaps", "PersistentVolumeClaim": "persistentvolumeclaims"},
    "/apis/apps/v1": {"ControllerRevision": "controllerrevisions", "StatefulSet": "statefulsets"},
    "/apis/snapshot.storage.k8s.io/v1": {"VolumeSnapshot": "volumesnapshots"},
}
_NOT_FOUND = {"kind": "Status", "apiVersion": "v1", "code": 404, "reason": "NotFound"}


@contextmanager
def api_server(objects: Sequence[Manifest]) -> Iterator[str]:
    """The address of a server that holds these objects until the end of the block."""
    answers = dict(_answers(objects))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path.partition("?")[0])
            body = json.dumps(answer or _NOT_FOUND)
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _answers(objects: Sequence[Manifest]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "/version", {"major": "1", "minor": "36", "gitVersion": "v1.36.1"}
    for group, kinds in _RESOURCES.items():
        version = group.removeprefix("/apis/").removeprefix("/api/")
        resources = [
            {"name": plural, "namespaced": True, "kind": kind, "verbs": ["get", "list"]}
            for kind, plural in kinds.items()
        ]
        yield group, {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
        for kind, plural in kinds.items():
            items = [found for found in objects if found["kind"] == kind]
            path = f"{group}/namespaces/{NAMESPACE}/{plural}"
            yield path, {"kind": f"{kind}List", "apiVersion": version, "metadata": {}, "items": items}
            yield from ((f"{path}/{found['metadata']['name']}", found) for found in items)
