from pathlib import Path

import pytest

from release import gates_file
from release.errors import RefusedError
from release.migration import phases_file

MIGRATION = Path(__file__).parents[3] / "migration"
GATES = gates_file.read(MIGRATION / "gates.toml")
VALID = """\
[phases.foundation]
says = "V1"
version = "v1.0.0"
format = 1
validation = ["validate"]
reversible = true
way_back = "flags"

[phases.actor-core]
says = "Actors"
after = "foundation"
version = "v2.0.0"
flags = ["actor_sync"]
format = 1
validation = ["validate"]
reversible = true
way_back = "version"
"""


@pytest.fixture
def read(tmp_path):
    def _read(text):
        path = tmp_path / "phases.toml"
        path.write_text(text)
        return phases_file.read(path, GATES)

    return _read


def test_the_phases_of_this_repository_in_their_order():
    ours = phases_file.read(MIGRATION / "phases.toml", GATES)
    assert {name: (ours.phases[name].format, ours.phases[name].way_back.value) for name in ours.order} == {
        "foundation": (1, "flags"),
        "actor-core": (1, "version"),
        "sync-improvement": (2, "version"),
        "lighthouse-migration": (3, "restore"),
        "governance-integration": (3, "flags"),
        "complete": (3, "restore"),
    }
    assert list(ours.phases) == list(ours.order)


def test_each_phase_is_validated_as_itself():
    ours = phases_file.read(MIGRATION / "phases.toml", GATES)
    for name, phase in ours.phases.items():
        assert phase.validation == ["validate", "--phase", name]


def test_the_order_is_that_of_the_phases_and_not_of_the_lines(read):
    first, second = VALID.split("\n\n")
    assert read(f"{second}\n{first}\n").order == ("foundation", "actor-core")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "after =",
            "befor =",
            ["phases.actor-core.befor is no key that is known", "The keys are says, after"],
        ),
        ("reversible =", "reversibl =", ["reversibl is no key", "Did you mean reversible?", "is missing"]),
        ("format = 1", 'format = "one"', ["phases.foundation.format = 'one'", "format = 1"]),
        ("format = 1\n", "", ["phases.foundation.format is missing", "format = 1"]),
        ("format = 1", "format = 0", ["phases.foundation.format = '0'", "greater than or equal to 1"]),
        ('"v1.0.0"', '"one"', ["phases.foundation.version = 'one'", "no semantic version", 'version = "v2']),
        ('"v1.0.0"', '"latest"', ["phases.foundation.version", "moves by itself"]),
        ('way_back = "flags"', 'way_back = "luck"', ["'flags', 'version' or 'restore'", "way_back ="]),
        ('way_back = "flags"', 'way_back = "restore"', ["reversible = true, and way_back = restore"]),
        ("reversible = true", "reversible = false", ["reversible = false, and way_back = flags"]),
        (
            "reversible = true",
            'reversible = "si"',
            ["phases.foundation.reversible = 'si'", "reversible = true"],
        ),
        ('after = "foundation"', 'after = "fundation"', ["no phase; did you mean foundation?"]),
        ('after = "foundation"\n', "", ["after is that of 'foundation', too", 'after = "foundation"']),
        ('["validate"]', "[]", ["phases.foundation.validation", 'validation = ["validate", ']),
        ("[phases.actor-core]", "[phases.Actor]", ["phases.Actor", "[phases.actor-core]"]),
        ("[phases.actor-core]", "[phase.actor-core]", ["phase is no key", "Did you mean phases?"]),
        ("[phases.actor-core]", "[phases.actor-core", ["is no TOML", "line"]),
        (
            '"actor_sync"',
            '"Actor Sync"',
            ["phases.actor-core.flags.0 = 'Actor Sync'", 'flags = ["actor_sync"]'],
        ),
    ],
)
def test_a_mistake_is_named_with_the_file_the_key_and_the_remedy(read, old, new, says):
    """Fault 25."""
    with pytest.raises(RefusedError) as raised:
        read(VALID.replace(old, new, 1))
    for part in ("phases.toml", "nothing was changed", *says):
        assert part in str(raised.value)


def test_phases_that_follow_each_other_in_a_ring_are_refused(read):
    third = VALID.split("\n\n")[1]
    pairs = [("sync-improvement", "complete"), ("complete", "sync-improvement")]
    ring = [third.replace("actor-core", name).replace('"foundation"', f'"{after}"') for name, after in pairs]
    with pytest.raises(RefusedError, match="never to the first phase"):
        read("\n".join([VALID, *ring]))


def later(text):
    """The second phase with another format."""
    return VALID.replace("format = 1\nvalidation", f"{text}\nvalidation").replace(text, "format = 1", 1)


def test_data_that_would_get_older_is_refused(read):
    with pytest.raises(RefusedError, match=r"phases\.actor-core\.format is older than that of foundation"):
        read(VALID.replace("format = 1", "format = 2", 1))


def test_a_way_back_by_flags_is_refused_where_the_data_changes(read):
    changed = later("format = 2").replace('way_back = "version"', 'way_back = "flags"')
    with pytest.raises(RefusedError, match="which leaves the data alone"):
        read(changed)


def test_a_way_back_by_version_needs_a_version_that_knows_the_newer_data(read):
    with pytest.raises(RefusedError, match=r"phases\.actor-core\.version is newer than that of foundation"):
        read(later("format = 2"))
    assert read(later("format = 2").replace('"v2.0.0"', '"v1.0.0"'))


def test_a_phase_without_gates_is_refused(read):
    with pytest.raises(RefusedError, match=r"no phase 'unheard-of'(.|\n)*gates\.toml"):
        read(VALID.replace("actor-core", "unheard-of"))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RefusedError, match=r"phases\.toml can't be read: No such file"):
        phases_file.read(tmp_path / "phases.toml", GATES)


def test_what_a_mistake_is_answered_with_is_accepted(read):
    with pytest.raises(RefusedError) as raised:
        read("[phases]\n")
    lines = [line.strip() for line in str(raised.value).splitlines()]
    assert read("\n".join(lines[lines.index("[phases.actor-core]") :])).order == ("actor-core",)
