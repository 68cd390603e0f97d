import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release import stack_file
from release.errors import RefusedError
from release.stack_file import StackFile
from sections.pin import Pin

ROOT = Path(__file__).parents[2]
DIGEST = "sha256:" + "0123456789abcdef" * 4
COMMENTED = """\
# Who to ask: ada
encryptionsalt: v1:abc
config:
  # What runs.
  alys:version: "v1.0.0"   # pinned by ada
  alys:rollout: 100
  alys:flags:
    # kept small
    max_peers: 50
    fast:   {value: true, since: v1.0.0}   # new

  # Where it runs.
  alys:release:
      image: ghcr.io/alys/node   # odd indent
  alys:secrets: {key: {secure: v1:xyz}}
"""
START, END = COMMENTED.index("  # What runs."), COMMENTED.index("  # Where it runs.")


@pytest.fixture
def make(tmp_path):
    def _make(text):
        (tmp_path / "Pulumi.staging.yaml").write_bytes(text.encode())
        return StackFile(stack="staging", folder=tmp_path)

    return _make


def pin(**keys):
    return Pin.model_validate({"version": "v1.0.0", **keys})


def test_a_release_changes_its_lines_and_nothing_else(make):
    file = make(COMMENTED)
    flags = {"max_peers": 50, "fast": {"value": True, "since": "v2.0.0"}, "new": "on"}
    assert file.write(pin(version="v2.0.0", digest=DIGEST, rollout=10, flags=flags))
    changed = f"""\
  # What runs.
  alys:version: "v2.0.0"   # pinned by ada
  alys:digest: {DIGEST}
  alys:rollout: 10
  alys:flags:
    # kept small
    max_peers: 50
    fast:
      value: true
      since: v2.0.0
    new: "on"

"""
    assert file.path.read_text() == f"{COMMENTED[:START]}{changed}{COMMENTED[END:]}"


def test_a_phase_stands_below_the_share_and_goes_without_a_trace(make):
    file = make(COMMENTED)
    before = file.read()
    assert file.write(before.model_copy(update={"phase": "foundation"}))
    share = "  alys:rollout: 100\n"
    assert file.path.read_text() == COMMENTED.replace(share, f"{share}  alys:phase: foundation\n")
    assert file.write(before.model_copy(update={"phase": "actor-core"}))
    assert "alys:phase: actor-core\n" in file.path.read_text()
    assert file.write(before)
    assert file.path.read_text() == COMMENTED


def test_there_and_back_gives_the_file_back_to_the_byte(make):
    file = make(COMMENTED)
    before = file.read()
    file.write(before.model_copy(update={"version": "v2.0.0", "digest": DIGEST, "rollout": 25}))
    assert file.write(before)
    assert file.path.read_text() == COMMENTED


def test_writing_what_is_there_touches_nothing(make):
    file = make(COMMENTED)
    before = file.path.stat()
    assert not file.write(file.read())
    assert file.path.stat() == before


def test_windows_line_ends_stay(make):
    file = make(COMMENTED.replace("\n", "\r\n"))
    file.write(pin(version="v2.0.0", digest=DIGEST))
    lines = file.path.read_bytes().split(b"\n")
    assert all(line.endswith(b"\r") for line in lines[:-1])


def test_a_file_without_a_last_line_break_is_understood(make):
    file = make("config:\n  alys:version: v1.0.0")
    wanted = pin(version="v2.0.0", digest=DIGEST, rollout=5, flags={"fast": True})
    file.write(wanted)
    assert file.read() == wanted


def test_the_mode_and_a_link_stay(make, tmp_path):
    file = make(COMMENTED)
    file.path.chmod(0o640)
    link = StackFile(stack="linked", folder=tmp_path)
    (tmp_path / "Pulumi.linked.yaml").symlink_to("Pulumi.staging.yaml")
    link.write(pin(version="v2.0.0"))
    assert (tmp_path / "Pulumi.linked.yaml").is_symlink()
    assert file.read().version == "v2.0.0"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_whole_and_no_other(make, monkeypatch, step):
    """Fault 20."""

    def full(*_arguments, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = make(COMMENTED)
    if step == "write":
        monkeypatch.setattr(stack_file.os, "fdopen", full)
    elif step == "fsync":
        monkeypatch.setattr(stack_file.os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RefusedError, match="No space left on device"):
        file.write(pin(version="v2.0.0"))
    monkeypatch.undo()
    assert file.path.read_text() == COMMENTED
    assert [path.name for path in file.folder.iterdir()] == ["Pulumi.staging.yaml"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no `config:`"),
        ("- config\n", "has no `config:`"),
        ("config:\n", "has no `config:`"),
        ("config:\n  alys:rollout: 100\n", "alys:version is missing"),
        ("config:\n  alys:version: latest\n", "moves by itself"),
        ("config:\n  alys:version: 1.10\n", "alys:version = 1.1 is no text"),
        ("config:\n  alys:version: v1\n  alys:version: v2\n", "line 3"),
        ("config:\n\talys:version: v1\n", "is no YAML in line 2"),
        ("config:\n  alys:version: v1\n---\nconfig: {}\n", "is no YAML"),
        ("config: {alys:version: v1.0.0}\n", "can't be edited in line 1"),
        ("x: &v v1.0.0\nconfig:\n  alys:version: *v\n", "can't be edited in line 3"),
        ("config:\n  alys:version: |-\n    v1.0.0\n", "can't be edited in line 2"),
    ],
)
def test_an_odd_file_is_refused_with_what_and_where(make, text, says):
    file = make(text)
    with pytest.raises(RefusedError) as raised:
        file.write(pin(version="v2.0.0"))
    message = str(raised.value)
    assert says in message
    assert "Pulumi.staging.yaml" in message
    assert file.path.read_bytes() == text.encode()


def test_a_file_that_is_no_text_is_refused(make):
    file = make("")
    file.path.write_bytes(b"config:\n  alys:version: \xff\n")
    with pytest.raises(RefusedError, match="is no UTF-8 at byte 24"):
        file.read()


def test_a_missing_file_is_refused_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(RefusedError, match="pulumi stack init staging"):
        StackFile(stack="staging", folder=tmp_path).read()


@pytest.mark.parametrize("stack", ["local", "testnet", "staging", "canary", "production"])
def test_the_stack_files_of_this_repository_go_there_and_back(make, stack):
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    file = make(text)
    before = file.read()
    there = before.model_copy(update={"version": "v99.0.0", "digest": "sha256:" + "f" * 64, "rollout": 1})
    file.write(there)
    assert file.read() == there
    file.write(before)
    assert file.path.read_text() == text


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
values = (
    st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
flags = st.dictionaries(
    names,
    values | st.fixed_dictionaries({"value": values, "since": st.sampled_from(["v1.0.0", "2.1.0"])}),
    max_size=4,
)
pins = st.builds(
    lambda **keys: Pin.model_validate(keys),
    version=st.from_regex(r"v[0-9]\.[0-9]\.[0-9]|[0-9]\.[0-9]\.[0-9]", fullmatch=True),
    digest=st.none() | st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True),
    rollout=st.integers(0, 100),
    flags=flags,
    phase=st.none() | st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True),
)


@given(st.lists(pins, min_size=1, max_size=4))
def test_whatever_is_pinned_is_read_back_and_all_other_lines_stay(tmp_path_factory, sequence):
    folder = tmp_path_factory.mktemp("stack", numbered=True)
    (folder / "Pulumi.staging.yaml").write_text(COMMENTED)
    file = StackFile(stack="staging", folder=folder)
    for wanted in sequence:
        file.write(wanted)
        assert file.read() == wanted
    text = file.path.read_text()
    for line in ("# Who to ask: ada", "  # What runs.", "  # Where it runs."):
        assert f"{line}\n" in text
    assert text.endswith(COMMENTED[END:])
