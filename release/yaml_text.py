"""YAML as text: entries of a block mapping replaced, added and removed, and every other byte left alone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode

_PLAIN = re.compile(r"sha256:[0-9a-f]+|[A-Za-z_][A-Za-z0-9._-]*")
_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
"""What one or another version of YAML takes for something else than text."""


class OddYamlError(ValueError):
    """YAML that can't be edited as text: the message says which part, the line where (from 1)."""

    def __init__(self, what: str, node: Any) -> None:
        super().__init__(what)
        self.line = int(node.start_mark.line) + 1


@dataclass
class Block:
    """A block mapping in a text whose last line is a whole one, and the edits that are to be made in it."""

    text: str
    node: Any
    """As `compose` found it."""
    edits: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])

    def __post_init__(self) -> None:
        if not _holds_entries(self.node):
            raise OddYamlError("is no mapping with a line for each key", self.node)
        pairs: list[tuple[Any, Any]] = self.node.value
        self.entries = {str(key.value): (key, value) for key, value in pairs}

    def within(self, key: str) -> "Block":
        """The mapping that an entry holds; its edits are this one's."""
        return Block(self.text, self._entry(key)[1], self.edits)

    def holds_entries(self, key: str) -> bool:
        """Whether an entry is a block mapping."""
        return _holds_entries(self.entries[key][1])

    def put(self, key: str, value: Any, *, after: str | None) -> None:
        """Set an entry; a new one comes below `after`."""
        if key not in self.entries:
            at = self._end(after) if after else self._line_start(self.node.start_mark.index)
            self.edits.append((at, at, self._rendered(key, value)))
            return
        name, old = self._entry(key)
        end = self._end(key)
        if _is_scalar(old) and not isinstance(value, Mapping):
            self.edits.append((old.start_mark.index, old.end_mark.index, scalar(value, old.style)))
        else:
            start = self._line_start(name.start_mark.index)
            self.edits.append((start, end, self._rendered(key, value)))

    def remove(self, key: str) -> None:
        """Take an entry and its lines away."""
        start = self._line_start(self._entry(key)[0].start_mark.index)
        self.edits.append((start, self._end(key), ""))

    def edited(self) -> str:
        """The text with all edits made."""
        text = self.text
        # From the end, so that no edit moves the place of another; what comes in at a line stands above what
        # happens to it, and of two that come in there the first comes first.
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2])[::-1]:
            text = text[:start] + new + text[end:]
        return text

    def _entry(self, key: str) -> tuple[Any, Any]:
        name, value = self.entries[key]
        # An alias stands where its anchor does.
        if value.anchor or value.start_mark.index < name.end_mark.index:
            raise OddYamlError(f"{key} has an anchor or is an alias", name)
        return name, value

    def _rendered(self, key: str, value: Any) -> str:
        indent = " " * int(self.node.start_mark.column)
        if value == {}:
            return f"{indent}{key}: {{}}\n"
        return "".join(f"{line}\n" for line in _lines({key: value}, indent))

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _end(self, key: str) -> int:
        """Where the line below an entry begins."""
        end = self.text.find("\n", _last(*self._entry(key)))
        return len(self.text) if end < 0 else end + 1


def compose(text: str) -> Any:
    """The root node of a document; None for an empty one."""
    return YAML().compose(text)


def scalar(value: Any, quote: str | None = None) -> str:
    """A value on one line; text is quoted where it could be taken for anything else."""
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "'" and "'" not in value and value.isprintable():
        return f"'{value}'"
    if quote is None and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _lines(mapping: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{key}:", *_lines(cast("Mapping[str, Any]", value), f"{indent}  ")]
        else:
            lines.append(f"{indent}{key}: {scalar(value)}")
    return lines


def _holds_entries(node: Any) -> bool:
    return isinstance(node, MappingNode) and not cast("Any", node).flow_style


def _is_scalar(node: Any) -> bool:
    return isinstance(node, ScalarNode)


def _last(key: Any, value: Any) -> int:
    """Where an entry's own text ends: a block's end mark is past the comments below it."""
    if _is_scalar(value) and value.style in {"|", ">"}:
        raise OddYamlError(f"{key.value} is a block of text", key)
    if _is_scalar(value) or value.flow_style:
        return int(value.end_mark.index)
    last = value.value[-1]
    return _last(*last) if isinstance(value, MappingNode) else _last(key, last)
