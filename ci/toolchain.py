"""Which compilers a repository asks for: the one that builds it, and the oldest that its users may have."""

import re
import tomllib
from pathlib import Path
from typing import Any, cast

from ci.report import Refusal, main, output

_EXACT = re.compile(r"^\d+\.\d+\.\d+$")
_OLDEST = re.compile(r"^\d+\.\d+(?:\.\d+)?$")
_PIN = '[toolchain]\nchannel = "1.95.0"\nprofile = "minimal"\ncomponents = ["clippy", "rustfmt"]'


def channel(text: str) -> str:
    """The compiler of a `rust-toolchain.toml`; a name that moves, such as `stable`, is refused."""
    found = _at(tomllib.loads(text), "toolchain", "channel")
    if not isinstance(found, str) or not _EXACT.match(found):
        raise Refusal(
            f"rust-toolchain.toml names {found!r}, which may be another one tomorrow. Pin it:\n{_PIN}"
        )
    return found


def oldest(text: str) -> str:
    """The `rust-version` of a `Cargo.toml`, of the package or of the workspace's packages."""
    manifest = tomllib.loads(text)
    found = _at(manifest, "package", "rust-version") or _at(manifest, "workspace", "package", "rust-version")
    if isinstance(found, dict):  # `rust-version.workspace = true`
        found = _at(manifest, "workspace", "package", "rust-version")
    if not isinstance(found, str) or not _OLDEST.match(found):
        raise Refusal(
            "Cargo.toml says no `rust-version`, so there is no oldest compiler to check with. "
            'Add to [package] or [workspace.package]:\nrust-version = "1.88"'
        )
    return found


def _at(table: dict[str, Any], *keys: str) -> Any:
    value: Any = table
    for key in keys:
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


def look() -> None:
    """Both, from the working directory, as outputs `channel` and `oldest`."""
    output("channel", channel(_text("rust-toolchain.toml", _PIN)))
    output("oldest", oldest(_text("Cargo.toml", "")))


def _text(name: str, example: str) -> str:
    path = Path(name)
    if not path.is_file():
        raise Refusal(f"there is no {name} in {Path.cwd().name}/. Add one:\n{example}".rstrip())
    return path.read_text()


if __name__ == "__main__":
    main(look)
