"""What changed between two property bags, path by path, and what must be replaced for it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from pulumi.runtime.proto import provider_pb2

from local.plugins.values import Path, plain

Change = Literal["add", "delete", "update"]

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The changes of a resource, the paths among them that replace it, and whether the old one goes first."""

    changes: dict[Path, Change]
    replacing: frozenset[Path] = frozenset()
    delete_first: bool = False

    def response(self) -> provider_pb2.DiffResponse:
        """Return the answer to the engine's `Diff`."""
        some = provider_pb2.DiffResponse.DIFF_SOME if self.changes else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            diffs=sorted({str(path[0]) for path in self.changes}),
            replaces=sorted({str(path[0]) for path in self.replacing}),
            deleteBeforeReplace=self.delete_first and bool(self.replacing),
            detailedDiff={
                path_text(path): provider_pb2.PropertyDiff(
                    kind=_KINDS[change, path in self.replacing], inputDiff=True
                )
                for path, change in self.changes.items()
            },
            hasDetailedDiff=True,
        )


def compare(
    old: dict[str, Any],
    new: dict[str, Any],
    *,
    ignored: frozenset[str] = frozenset(),
    replaces: Callable[[Path], bool] = lambda _path: False,
    delete_first: bool = False,
) -> Difference:
    """Compare two property bags; an unknown differs from everything.

    `ignored` are top-level keys; `replaces` says of a changed path whether it can only change by replacing.
    """
    before = {key: value for key, value in plain(old).items() if key not in ignored}
    after = {key: value for key, value in plain(new).items() if key not in ignored}
    changes: dict[Path, Change] = {}
    _walk((), before, after, changes)
    replacing = frozenset(path for path in changes if replaces(path))
    return Difference(changes=changes, replacing=replacing, delete_first=delete_first)


def _walk(path: Path, old: Any, new: Any, changes: dict[Path, Change]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        for key in sorted(before.keys() | after.keys()):
            _child((*path, key), before.get(key), after.get(key), changes)
    elif isinstance(old, list) and isinstance(new, list):
        left, right = cast("list[Any]", old), cast("list[Any]", new)
        for index in range(max(len(left), len(right))):
            _child(
                (*path, index),
                left[index] if index < len(left) else None,
                right[index] if index < len(right) else None,
                changes,
            )
    elif isinstance(old, bool) or isinstance(new, bool):
        # Python holds True for equal to 1.
        if old is not new:
            changes[path] = "update"
    elif cast("object", old) != cast("object", new):
        changes[path] = "update"


def _child(path: Path, old: Any, new: Any, changes: dict[Path, Change]) -> None:
    """Compare what stands at `path`; null and absent are the same to every provider."""
    if old is None and new is not None:
        changes[path] = "add"
    elif new is None and old is not None:
        changes[path] = "delete"
    else:
        _walk(path, old, new, changes)


def path_text(path: Path) -> str:
    """Return a path as the engine writes it: `spec.containers[0].image`, `data["a.b"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step and all(c.isalnum() or c in "_-" for c in step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text
