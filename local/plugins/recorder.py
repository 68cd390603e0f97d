"""Provider of a cloud package that makes nothing: it answers with the inputs and believable computed fields.

`python -m local.plugins.recorder aws ENGINE_ADDRESS`. What it fills in stands in `recorded.toml`.
"""

import functools
import hashlib
import importlib.metadata
import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any, cast

from typing_extensions import override

from local.plugins import differences, policy_document, provider, values
from local.plugins.differences import Difference
from local.plugins.engine import Engine
from local.plugins.resources import Call, Failure, Live, Refused, ResourceType

TABLE = Path(__file__).with_name("recorded.toml")
# Hexadecimal digits in a made-up identifier, as in AWS's own (`vpc-0123456789abcdef0`).
_ID_DIGITS = 17
_POLICY_DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"


class Recorder(provider.Provider):
    """Provider of one package, answered from its part of the table."""

    def __init__(self, package: str, engine: Engine, version: str) -> None:
        self.package = package
        super().__init__(engine, version)
        self.notice = (
            f"Stand-in for the {package} plugin: it records what the program declares, nothing real is made."
        )
        self.table: dict[str, Any] = table().get(package, {})
        self.facts: dict[str, str] = dict(self.table.get("facts", {}))
        self.facts.setdefault("region", os.environ.get("AWS_REGION", ""))

    @override
    def configure(self, inputs: dict[str, Any]) -> None:
        self.facts |= {key: inputs[key] for key in ("region", "owner") if isinstance(inputs.get(key), str)}
        # The SDK sends lists as JSON text. Of the accounts that the program allows, this is one.
        allowed: Any = inputs.get("allowedAccountIds") or []
        accounts: list[str] = json.loads(allowed) if isinstance(allowed, str) else allowed
        self.facts |= {"account": accounts[0]} if accounts else {}

    @override
    def resource_type(self, token: str) -> ResourceType:
        entry = cast("dict[str, Any]", self.table.get("resources", {}).get(token, {}))
        return Recorded(entry, cast("dict[str, Any]", self.table.get("defaults", {})), self.facts)

    @override
    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = cast("dict[str, Any] | None", self.table.get("functions", {}).get(token))
        if answer is None:
            raise Refused(
                f"The stand-in for the {self.package} plugin has no answer for {token}: "
                f"add one to local/plugins/{TABLE.name} under [{self.package}.functions.{token!r}]."
            )
        if token == _POLICY_DOCUMENT:
            document = policy_document.render(arguments)
            answer = answer | {"json": document, "minifiedJson": json.dumps(json.loads(document))}
            return arguments | answer | {"id": _hash(document)}
        strings = {key: value for key, value in arguments.items() if isinstance(value, str)}
        digest = _hash(token + json.dumps(arguments, sort_keys=True, default=str))
        return arguments | fill(answer, self.facts | {"hash": digest, "number": number(digest)} | strings)


class Recorded(ResourceType):
    """A resource that exists in the stack's state and nowhere else."""

    def __init__(self, entry: dict[str, Any], defaults: dict[str, Any], facts: dict[str, str]) -> None:
        self.entry = defaults | entry
        self.computed = defaults.get("computed", {}) | entry.get("computed", {})
        self.facts = facts

    @override
    def check(self, call: Call) -> tuple[dict[str, Any], list[Failure]]:
        return call.inputs, []

    @override
    def diff(self, call: Call) -> Difference:
        replacing = set(self.entry.get("replace", []))
        return differences.compare(call.old_inputs, call.inputs, replaces=lambda path: path[0] in replacing)

    @override
    def create(self, call: Call) -> Live:
        return self._live(call, self._id(call))

    @override
    def update(self, call: Call) -> Live:
        return self._live(call, call.id)

    @override
    def read(self, call: Call) -> Live | None:
        if not call.state:
            raise Refused(
                f"{call.type} {call.id!r} was not made by this stack, and the stand-in can not look it up: "
                f"only the official plugin can import it."
            )
        return Live(id=call.id, inputs=call.inputs, outputs=call.state)

    @override
    def delete(self, call: Call) -> None:
        pass

    def _id(self, call: Call) -> str:
        return fill(self.entry.get("id", "{name}-{short}"), self._facts(call, ""))

    def _facts(self, call: Call, id_: str) -> dict[str, str]:
        """Return what a template may name: the inputs that are strings, and what is made up."""
        known = values.plain(call.inputs)
        inputs = {key: value for key, value in known.items() if isinstance(value, str)}
        # What replaces a resource gives it another identity, as in a real cloud.
        digest = _hash(call.urn + repr([known.get(key) for key in self.entry.get("replace", [])]))
        _, _, kind = call.type.rpartition(":")
        service = call.type.split(":")[1].split("/")[0]
        made_up = {"name": call.name, "hash": digest, "short": digest[:7], "id": id_}
        return self.facts | {"service": service, "kind": kind.lower()} | made_up | inputs

    def _live(self, call: Call, id_: str) -> Live:
        if call.preview and not call.id:
            computed = dict.fromkeys(self.computed, values.UNKNOWN)
        else:
            kept = {key: call.state[key] for key in self.computed if key in call.state}
            computed = fill(self.computed, self._facts(call, id_)) | kept
        tags = (
            {"tagsAll": call.inputs["tags"]} if "tags" in call.inputs and "tagsAll" in self.computed else {}
        )
        return Live(id=id_, inputs=call.inputs, outputs=computed | tags | call.inputs)


def fill(template: Any, facts: dict[str, str]) -> Any:
    """Return a template with `{fact}` filled in, in every string of it."""
    match template:
        case str():
            for key in sorted(facts, key=len, reverse=True):
                template = template.replace("{" + key + "}", facts[key])
            return template
        case dict():
            return {key: fill(item, facts) for key, item in cast("dict[str, Any]", template).items()}
        case list():
            return [fill(item, facts) for item in cast("list[Any]", template)]
        case _:
            return template


def number(digest: str) -> str:
    """Digits that differ where the digest does, for ids that are numbers."""
    return str(int(digest, 16) % 10**9)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


@functools.cache
def table() -> dict[str, Any]:
    """Return what `recorded.toml` says, by package."""
    return tomllib.loads(TABLE.read_text())


def main() -> None:
    """Serve the package that the first argument names."""
    package, *rest = sys.argv[1:] or [""]
    if package not in table():
        sys.exit(f"{TABLE.name} knows the packages {', '.join(table())}, not {package!r}.")
    version = importlib.metadata.version(f"pulumi-{package}")
    provider.run(lambda engine: Recorder(package, engine, version), rest)


if __name__ == "__main__":
    main()
