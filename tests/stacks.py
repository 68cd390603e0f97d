"""Every stack file's program under the recorder, with what the providers' stand-ins fill in."""

import functools
import json
import os
import runpy
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import yaml

from local.plugins import recorder as stand_in
from tests.recorder import Recording, record

CLONE = Path(__file__).parents[1]
NAMES = sorted(
    path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in CLONE.glob("Pulumi.*.yaml")
)


@functools.cache
def recorded(stack: str) -> Recording:
    """What the program registers for a stack file as it is committed."""
    config, secret_keys = _configuration(stack)
    with _context(config.get("release", {}).get("context")), _working_directory(CLONE):
        return record(
            lambda: runpy.run_path("__main__.py", run_name="__main__"),
            stack=stack,
            config=config,
            secret_keys=secret_keys,
            answers=_answers(),
            computed=Computed(),
        )


def objects(stack: str) -> list[dict]:
    """What a stack declares in its cluster, without what its charts bring, as the API server gets it."""
    return [
        one.inputs
        for one in recorded(stack).registrations
        if one.type.startswith("kubernetes:") and not one.type.startswith("kubernetes:helm.sh/")
    ]


def _configuration(stack: str) -> tuple[dict, list[str]]:
    content = yaml.safe_load((CLONE / f"Pulumi.{stack}.yaml").read_text())["config"]
    keys = {key.removeprefix("alys:"): value for key, value in content.items() if key.startswith("alys:")}
    if "registry" in keys:
        # A file as it is committed has no token yet: that is the one thing that each team adds.
        keys["registry_token"] = {"secure": "v1:..."}
    return {key: _decrypted(value) for key, value in keys.items()}, [
        key for key, value in keys.items() if _decrypted(value) != value
    ]


def _decrypted(value):
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return "a secret"
        return {key: _decrypted(one) for key, one in value.items()}
    return [_decrypted(one) for one in value] if isinstance(value, list) else value


def _facts(token: str, inputs: Mapping) -> tuple[dict, dict]:
    package = stand_in.table()[token.partition(":")[0]]
    digest = stand_in._hash(token + json.dumps(inputs, sort_keys=True, default=str))
    given = {key: value for key, value in inputs.items() if isinstance(value, str)}
    service = token.split(":")[1].split("/", maxsplit=1)[0]
    made_up = {"name": "it", "id": digest, "hash": digest, "short": digest[:7], "service": service}
    made_up["number"] = stand_in.number(digest)
    return package, package["facts"] | made_up | {"kind": token.rpartition(":")[2].lower()} | given


def _answers() -> dict:
    def answer(token, template):
        return lambda args: dict(args) | stand_in.fill(template, _facts(token, args)[1])

    return {
        token: answer(token, template)
        for package in ("aws", "github")
        for token, template in stand_in.table()[package]["functions"].items()
    }


class Computed(Mapping):
    """Outputs by resource type: the stand-in's own, its defaults for all that it doesn't list."""

    def __getitem__(self, token):
        if token.partition(":")[0] not in stand_in.table() or token.startswith("pulumi:"):
            raise KeyError(token)

        def fill(inputs):
            package, facts = _facts(token, inputs)
            entry = package.get("resources", {}).get(token, {})
            return stand_in.fill(package["defaults"]["computed"] | entry.get("computed", {}), facts)

        return fill

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


@contextmanager
def _context(name: str | None) -> Iterator[None]:
    # A stack that releases into a context looks whether somebody listens there.
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        address = f"https://127.0.0.1:{server.getsockname()[1]}"
        config = Path(folder) / "config"
        config.write_text(
            yaml.safe_dump(
                {
                    "clusters": [{"name": name, "cluster": {"server": address}}],
                    "contexts": [{"name": name, "context": {"cluster": name, "namespace": "alys-recorded"}}],
                }
            )
        )
        with mock.patch.dict(os.environ, {"KUBECONFIG": str(config)}):
            yield


@contextmanager
def _working_directory(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
