"""Runs a Pulumi program without an engine and keeps what it registered, for plain assertions.

An exception inside `apply` is lost under Pulumi's own test decorator, so nothing is asserted in there.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc, run_in_stack, set_all_config, settings

SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
STACK = "pulumi:pulumi:Stack"

Answers = Mapping[str, Callable[[dict], dict]]


@dataclass(frozen=True)
class Registration:
    """A resource as the program registered it."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict
    secrets: frozenset[str]
    """Paths of the inputs that are secret, such as `values.secrets.digest`."""
    protect: bool
    retain_on_delete: bool
    depends_on: tuple[str, ...]
    sources: dict[str, tuple[str, ...]]
    """URNs of the resources that an input's value comes from, by input."""
    provider: str
    timeouts: dict[str, str]


@dataclass
class Recording:
    registrations: list[Registration] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, dict]] = field(default_factory=list)

    def all(self, type_: str) -> list[Registration]:
        return [one for one in self.registrations if one.type == type_]

    def one(self, type_: str, name: str | None = None) -> Registration:
        found = [one for one in self.all(type_) if name in (None, one.name)]
        assert len(found) == 1, (
            f"{len(found)} of {type_} {name or ''}: {[one.name for one in self.registrations]}"
        )
        return found[0]

    @property
    def types(self) -> list[str]:
        return [one.type for one in self.registrations]


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording, answers: Answers, computed: Answers) -> None:
        super().__init__(_Echo(recording, answers, computed))
        self.recording = recording

    def RegisterResource(self, request):  # noqa: N802
        response = super().RegisterResource(request)
        if request.type != STACK:
            raw = MessageToDict(request.object)
            timeouts = request.customTimeouts
            self.recording.registrations.append(
                Registration(
                    type=request.type,
                    name=request.name,
                    urn=response.urn,
                    parent=request.parent,
                    inputs=_plain(rpc.deserialize_properties(request.object)),
                    secrets=frozenset(_secret_paths(raw, "")),
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    depends_on=tuple(request.dependencies),
                    sources={key: tuple(one.urns) for key, one in request.propertyDependencies.items()},
                    provider=request.provider,
                    timeouts={kind: getattr(timeouts, kind) for kind in ("create", "update", "delete")},
                )
            )
        return response

    def RegisterResourceOutputs(self, request):  # noqa: N802
        if f"::{STACK}::" in request.urn:
            self.recording.outputs = _plain(rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)


class _Echo(mocks.Mocks):
    def __init__(self, recording: Recording, answers: Answers, computed: Answers) -> None:
        self.recording, self.answers, self.computed = recording, answers, computed

    def new_resource(self, args):
        fill = self.computed.get(args.typ)
        return f"{args.name}-id", {**args.inputs, **(fill(args.inputs) if fill else {})}

    def call(self, args):
        self.recording.calls.append((args.token, args.args))
        if args.token not in self.answers:
            raise AssertionError(f"the program called {args.token}, and the test has no answer for it")
        return self.answers[args.token](args.args)


def record(
    program: Callable[[], Any],
    *,
    stack: str = "test",
    config: Mapping[str, Any] | None = None,
    secret_keys: list[str] | None = None,
    answers: Answers | None = None,
    computed: Answers | None = None,
    preview: bool = False,
) -> Recording:
    """Run `program`; `config` holds `alys:` keys without their prefix, as typed in a stack file.

    `answers` maps a function's token to its result, `computed` a resource's type to its provider's outputs.
    """
    recording = Recording()
    monitor = _Monitor(recording, answers or {}, {} if computed is None else computed)
    pulumi.runtime.reset_options()
    texts = {f"alys:{key}": _text(value) for key, value in (config or {}).items()}
    set_all_config(texts, [f"alys:{key}" for key in secret_keys or []])
    mocks.set_mocks(monitor.mocks, project="alys", stack=stack, preview=preview, monitor=monitor)
    # `set_mocks` leaves a stack of its own behind; the program gets one whose outputs are registered.
    settings.set_root_resource(None)
    loop = asyncio.get_event_loop_policy().get_event_loop()
    try:
        loop.run_until_complete(run_in_stack(lambda: _without_result(program)))
    finally:
        pulumi.runtime.reset_options()
        set_all_config({}, [])
    return recording


def _without_result(program: Callable[[], Any]) -> None:
    program()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _secret_paths(raw: Any, path: str) -> Iterator[str]:
    if isinstance(raw, dict):
        if raw.get(rpc._special_sig_key) == SECRET_SIGNATURE:
            yield path
        for key, value in raw.items():
            yield from _secret_paths(value, f"{path}.{key}" if path else key)
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            yield from _secret_paths(value, f"{path}[{index}]")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(rpc._special_sig_key) == SECRET_SIGNATURE:
            return _plain(value["value"])
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
