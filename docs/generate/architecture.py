"""A picture of what is declared: components, what is in them, and whose outputs they use."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

from docs.generate.environments import ENVIRONMENTS
from tests.recorder import STACK, Recording, Registration
from tests.stacks import CLONE, NAMES, recorded

PAGE = CLONE / "docs" / "architecture.md"
SHOWN = ENVIRONMENTS[-1]
"""The environment that has most; the others differ in sizes, as docs/environments.md says."""
_HEAD = f"""# What is declared

Made by `make docs` from what the program declares. A box is a component and says what it is made of. An arrow
leads to what it takes something from, and is left out where other arrows lead there already. Here is
`{SHOWN}`; docs/environments.md says what the other environments have.
"""


def page() -> str:
    """The page's text."""
    once = [stack for stack in NAMES if stack not in ENVIRONMENTS]
    return "\n".join([_HEAD, *(_section(stack) for stack in (SHOWN, *once))])


def _section(stack: str) -> str:
    return "\n".join([f"## `{stack}`\n", "```mermaid", *picture(recorded(stack)), "```\n"])


def picture(recording: Recording) -> Iterator[str]:
    """Lines of a Mermaid flow chart, in an order that doesn't depend on the order of registration."""
    by_urn = {one.urn: one for one in recording.registrations}
    inside: dict[str, Counter[str]] = {}
    arrows: set[tuple[str, str]] = set()
    for one in recording.registrations:
        if one.type.startswith("pulumi:providers:"):
            continue
        box = _box(one, by_urn)
        counted = inside.setdefault(box.urn, Counter())
        if box is not one and not one.type.startswith("alys:"):
            counted[_noun(one.type)] += 1
        arrows |= {(box.urn, source) for source in _sources(one, by_urn) if source != box.urn}
    names = {urn: f"n{index}" for index, urn in enumerate(sorted(inside, key=_by_name))}
    yield "flowchart LR"
    for urn, name in names.items():
        yield f'  {name}["{_label(by_urn[urn], inside[urn])}"]'
    for start, end in sorted((names[start], names[end]) for start, end in _needed(arrows)):
        yield f"  {start} --> {end}"


def _needed(arrows: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The arrows without which something would no longer be reached; nothing uses itself in a circle."""
    following: dict[str, set[str]] = {}
    for start, end in arrows:
        following.setdefault(start, set()).add(end)

    @cache
    def beyond(box: str) -> frozenset[str]:
        used = following.get(box, set())
        return frozenset(used).union(*(beyond(one) for one in used))

    for start, end in arrows:
        if not any(end in beyond(other) for other in following[start] - {end}):
            yield start, end


def _box(one: Registration, by_urn: dict[str, Registration]) -> Registration:
    while one.parent in by_urn and f"::{STACK}::" not in one.parent:
        one = by_urn[one.parent]
    return one


def _sources(one: Registration, by_urn: dict[str, Registration]) -> Iterator[str]:
    provider = one.provider.rpartition("::")[0]
    for urn in {*one.depends_on, *(urn for urns in one.sources.values() for urn in urns), provider}:
        source = by_urn.get(urn)
        if source is None:
            continue
        if source.type.startswith("pulumi:providers:"):
            # A provider is a way to somewhere: what counts is whose outputs it was made from.
            yield from _sources(source, by_urn)
        else:
            yield _box(source, by_urn).urn


def _label(one: Registration, inside: Counter[str]) -> str:
    parts = [f"{count} x {noun}" if count > 1 else noun for noun, count in sorted(inside.items())]
    return "<br/>".join([f"<b>{_noun(one.type)} {one.name}</b>", *parts])


def _noun(type_: str) -> str:
    return type_.rpartition(":")[2]


def _by_name(urn: str) -> tuple[str, str]:
    return urn.rpartition("::")[2], urn
