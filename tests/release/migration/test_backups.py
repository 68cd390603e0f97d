import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.errors import RefusedError
from release.migration import backups

PODS = ("alys-node-0", "alys-node-1")
ROOT = "ab" * 32


def manifest(pod, *, made=100, height=5, number=1):
    return {
        "manifest": 1,
        "version": "v1.0.0",
        "phase": "",
        "pod": pod,
        "format": number,
        "height": height,
        "state_root": ROOT,
        "sha256": ROOT,
        "size": 1000,
        "made": made,
    }


def part(name, pod, **keys):
    return {"name": name, "folder": pod, "manifest": manifest(pod, **keys), "problem": None}


def broken(name, pod):
    return {"name": name, "folder": pod, "manifest": None, "problem": f"/backups/{name}/{pod} is no backup"}


def whole(name, **keys):
    return [part(name, pod, **keys) for pod in PODS]


def read(*parts):
    return backups.gathered(backups.read(json.dumps(list(parts)), where="stack local"))


def names(found):
    return [backup.name for backup in found]


def test_backups_are_read_newest_first():
    found = read(*whole("b", made=1), *whole("c", made=3), *whole("a", made=2))
    assert names(found) == ["c", "a", "b"]
    assert (found[0].size, found[0].format) == (2000, 1)
    assert found[0].made.isoformat() == "1970-01-01T00:00:03+00:00"


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"name": "a"}]', "alys-node: error"])
def test_what_is_no_list_of_backups_is_refused(text):
    with pytest.raises(RefusedError, match="can't be read"):
        backups.read(text, where="stack local")


def test_none_are_none():
    assert read() == ()


def test_a_backup_of_only_some_pods_is_not_good():
    found = read(*whole("a"), part("b", PODS[0], made=200), *whole("c")[:1], broken("c", PODS[1]))
    assert names(backups.good(found, PODS)) == ["a"]
    (of_some,) = [backup for backup in found if backup.name == "b"]
    assert of_some.problems(PODS) == ("it has nothing of alys-node-1",)


def test_a_good_one_is_chosen_by_its_name():
    found = read(*whole("a"), *whole("b"))
    assert backups.choose(found, "a", PODS, format_limit=1).name == "a"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("z", ["There is no backup 'z'", "Restore one of:  a"]),
        ("half", ["half can't be restored: it has nothing of alys-node-1", "Restore one of:  a"]),
        ("bad", ["bad can't be restored: /backups/bad/alys-node-1 is no backup", "Restore one of:  a"]),
        ("new", ["new is of format 3; the pinned phase takes 2 or older", "Pin the phase"]),
    ],
)
def test_what_cannot_be_restored_is_refused_with_what_can(name, says):
    half, bad = part("half", PODS[0]), [part("bad", PODS[0]), broken("bad", PODS[1])]
    found = read(*whole("a"), half, *bad, *whole("new", number=3, made=1))
    with pytest.raises(RefusedError) as raised:
        backups.choose(found, name, PODS, format_limit=2)
    for words in ("nothing was changed", *says):
        assert words in str(raised.value)


def test_without_any_good_one_that_is_said():
    with pytest.raises(RefusedError, match=r"There is no whole backup\."):
        backups.choose(read(broken("a", PODS[0])), "a", PODS, format_limit=1)


def test_it_is_told_how_many_blocks_a_restore_gives_up():
    (found,) = read(*whole("a", height=5))
    assert backups.lost(found, {PODS[0]: 9, PODS[1]: 5, "alys-node-2": 7}) == {PODS[0]: 4, PODS[1]: 0}


def test_what_isnt_whole_stays_until_a_newer_one_is():
    found = read(*whole("a", made=1), part("b", PODS[0], made=2))
    assert backups.expendable(found, PODS, keep=1) == ()
    found = read(*whole("a", made=3), part("b", PODS[0], made=2))
    assert names(backups.expendable(found, PODS, keep=1)) == ["b"]


def test_the_newest_of_an_older_format_stays():
    """Nothing else leads back to before a point of no return."""
    found = read(
        *whole("old-1", made=1, number=2), *whole("old-2", made=2, number=2), *whole("new", made=3, number=3)
    )
    assert names(backups.expendable(found, PODS, keep=1)) == ["old-1"]


def test_a_backup_is_told_with_its_problems():
    (found,) = read(part("a", PODS[0]))
    said = json.loads(json.dumps(backups.told(found, PODS)))
    assert said["problems"] == ["it has nothing of alys-node-1"]
    assert said["pods"]["alys-node-0"]["height"] == 5


parts = st.lists(
    st.builds(
        lambda name, pod, made, number, well: (
            part(name, pod, made=made, number=number) if well else broken(name, pod)
        ),
        st.sampled_from("abcdef"),
        st.sampled_from(PODS),
        st.integers(0, 9),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=16,
    unique_by=lambda one: (one["name"], one["folder"]),
)


@given(parts, st.integers(-1, 5))
def test_the_last_good_one_is_never_deleted_nor_any_of_the_newest(found, keep):
    every = read(*found)
    gone = set(names(backups.expendable(every, PODS, keep=keep)))
    good = names(backups.good(every, PODS))
    assert not gone & set(good[: max(keep, 1)])
    assert bool(set(good) - gone) == bool(good)


@given(parts, st.integers(0, 5))
def test_what_is_left_after_deleting_gives_nothing_more_to_delete(found, keep):
    every = read(*found)
    gone = set(names(backups.expendable(every, PODS, keep=keep)))
    left = read(*(one for one in found if one["name"] not in gone))
    assert backups.expendable(left, PODS, keep=keep) == ()


@given(parts, st.integers(0, 5))
def test_no_format_loses_its_last_good_one(found, keep):
    every = read(*found)
    gone = set(names(backups.expendable(every, PODS, keep=keep)))
    good = backups.good(every, PODS)
    left = [backup for backup in good if backup.name not in gone]
    assert {backup.format for backup in left} == {backup.format for backup in good}
