"""The stack file: the one place where a pin is written, and only the pin."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from release import yaml_text
from release.errors import RefusedError
from release.yaml_text import Block, OddYamlError
from sections.mistakes import describe
from sections.pin import Flag, FlagValue, Pin

_PREFIX = "alys:"
_KEYS = {_PREFIX + key for key in Pin.model_fields}


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """`Pulumi.<stack>.yaml`; everything in it but the pin stays as it is, to the byte."""

    stack: str
    folder: Path

    @property
    def path(self) -> Path:
        """Where it is, links followed, so that a link stays one."""
        return (self.folder / self.name).resolve()

    @property
    def name(self) -> str:
        """As people say it."""
        return f"Pulumi.{self.stack}.yaml"

    def read(self) -> Pin:
        """The pin; `RefusedError` where the file can't be read, or holds none that is valid."""
        return self._pin(self.config())

    def config(self) -> Mapping[str, Any]:
        """All that it holds, keys as they are written; `RefusedError` where the file can't be read."""
        return self._config(self._text())

    def write(self, pin: Pin) -> bool:
        """Make this the pin, whole or not at all; False where it already was.

        Raises `RefusedError`, with the old file untouched, also where the disk is full.
        """
        text = self._text()
        config = self._config(text)
        if self._pin(config) == pin:
            return False
        try:
            new = _edited(text, self._pin(config), pin)
        except OddYamlError as error:
            raise self._refusal(
                f"can't be edited in line {error.line}: {error}", f"Write it by hand:\n{_example(pin)}"
            ) from None
        written = self._config(new)
        if self._pin(written) != pin or _others(written) != _others(config):
            raise self._refusal("can't be edited safely", f"Write it by hand:\n{_example(pin)}")
        try:
            _replace(self.path, new.encode())
        except OSError as error:
            raise self._refusal(f"can't be written: {error.strerror}", "See:  df -h . && ls -l") from None
        return True

    def _text(self) -> str:
        try:
            return self.path.read_bytes().decode()
        except FileNotFoundError:
            raise self._refusal("is missing", f"Make it:  pulumi stack init {self.stack}") from None
        except UnicodeDecodeError as error:
            raise self._refusal(f"is no UTF-8 at byte {error.start}", "Save it as UTF-8.") from None
        except OSError as error:
            raise self._refusal(f"can't be read: {error.strerror}", f"See:  ls -l {self.name}") from None

    def _config(self, text: str) -> Mapping[str, Any]:
        try:
            document = cast("object", YAML(typ="safe", pure=True).load(text))
        except (YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line = f" in line {mark.line + 1}" if mark else ""
            problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
            raise self._refusal(f"is no YAML{line}: {problem}", f"Mend {self.name}{line}.") from None
        config = cast("Mapping[str, Any]", document).get("config") if isinstance(document, Mapping) else None
        if not isinstance(config, Mapping):
            raise self._refusal("has no `config:`", "Add it:\n  config:\n    alys:version: v1.0.0")
        return cast("Mapping[str, Any]", config)

    def _pin(self, config: Mapping[str, Any]) -> Pin:
        said = {key: config[_PREFIX + key] for key in Pin.model_fields if _PREFIX + key in config}
        try:
            return Pin.model_validate(said)
        except ValidationError as error:
            raise self._refusal("holds no pin", describe(error, self.stack, Pin)) from None

    def _refusal(self, what: str, remedy: str) -> RefusedError:
        return RefusedError(
            what=f"{self.name} {what}; nothing was changed", where=str(self.folder), remedy=remedy
        )


def _edited(text: str, held: Pin, pin: Pin) -> str:
    text = text if text.endswith("\n") else text + "\n"
    block = Block(text, yaml_text.compose(text)).within("config")
    version, digest, rollout, phase = (f"{_PREFIX}{key}" for key in ("version", "digest", "rollout", "phase"))
    if pin.version != held.version:
        block.put(version, pin.version, after=None)
    if pin.digest and pin.digest != held.digest:
        block.put(digest, pin.digest, after=version)
    elif not pin.digest and digest in block.entries:
        block.remove(digest)
    if pin.rollout != held.rollout:
        block.put(rollout, pin.rollout, after=version)
    if pin.phase and pin.phase != held.phase:
        block.put(phase, pin.phase, after=rollout if rollout in block.entries else version)
    elif not pin.phase and phase in block.entries:
        block.remove(phase)
    if pin.flags != held.flags:
        _put_flags(block, held, pin, after=rollout if rollout in block.entries else version)
    new = block.edited()
    return new.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else new


def _put_flags(block: Block, held: Pin, pin: Pin, *, after: str) -> None:
    key = f"{_PREFIX}flags"
    if key not in block.entries or not pin.flags or not block.holds_entries(key):
        block.put(key, {name: _written(flag) for name, flag in pin.flags.items()}, after=after)
        return
    # Flag by flag: what stays the same stays as it is written, comments included.
    flags = block.within(key)
    for name in held.flags:
        if name not in pin.flags:
            flags.remove(name)
    for name, flag in pin.flags.items():
        if held.flags.get(name) != flag:
            flags.put(name, _written(flag), after=next(reversed(flags.entries)))


def _written(flag: Flag) -> FlagValue | dict[str, FlagValue]:
    return {"value": flag.value, "since": flag.since} if flag.since else flag.value


def _others(config: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in config.items() if key not in _KEYS]


def _example(pin: Pin) -> str:
    digest = f"  {_PREFIX}digest: {pin.digest}\n" if pin.digest else ""
    version = f"  {_PREFIX}version: {yaml_text.scalar(pin.version)}\n"
    phase = f"\n  {_PREFIX}phase: {yaml_text.scalar(pin.phase)}" if pin.phase else ""
    return f"config:\n{version}{digest}  {_PREFIX}rollout: {pin.rollout}{phase}"


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
