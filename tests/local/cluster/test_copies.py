import os
import subprocess
import time

import pytest

from local.cluster import copies


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "block").write_text("7")
    (folder / "inner" / "key").write_text("secret")
    (folder / "inner" / "key").chmod(0o600)
    (folder / "latest").symlink_to("inner/block")
    folder.chmod(0o2770)
    return folder


def content(folder) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_has_everything_with_its_modes_and_links(source, tmp_path):
    target = tmp_path / "copies" / "one"
    copies.copy(source, target)
    assert content(target) == content(source)
    assert target.stat().st_mode & 0o7777 == 0o2770
    assert (target / "inner" / "key").stat().st_mode & 0o777 == 0o600
    assert (target / "latest").readlink() == (source / "latest").readlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_copy_belongs_to_whom_the_original_belongs(source, tmp_path):
    os.chown(source, 65532, 65531)
    os.chown(source / "inner" / "key", 65532, 65531)
    copies.copy(source, tmp_path / "one")
    for path in (tmp_path / "one", tmp_path / "one" / "inner" / "key"):
        assert (path.stat().st_uid, path.stat().st_gid) == (65532, 65531)


def test_a_copy_is_independent_of_the_original(source, tmp_path):
    copies.copy(source, tmp_path / "one")
    (source / "inner" / "block").write_text("8")
    assert (tmp_path / "one" / "inner" / "block").read_text() == "7"


def test_a_copy_says_when_it_was_begun(source, tmp_path):
    os.utime(source, (1, 1))
    before = time.time()
    copies.copy(source, tmp_path / "one")
    assert before <= (tmp_path / "one").stat().st_mtime <= time.time()


def test_what_a_killed_copier_left_is_no_part_of_the_copy(source, tmp_path):
    partial = tmp_path / f"one.{os.getpid()}.partial"
    partial.mkdir()
    (partial / "stale").touch()
    copies.copy(source, tmp_path / "one")
    assert content(tmp_path / "one") == content(source)
    assert not partial.exists()


def test_what_a_killed_copier_left_is_swept_away(tmp_path):
    (tmp_path / "one.77.partial").mkdir()
    (tmp_path / "two").mkdir()
    copies.sweep(tmp_path)
    copies.sweep(tmp_path / "missing")
    assert [path.name for path in tmp_path.iterdir()] == ["two"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match="missing is not there"):
        copies.copy(tmp_path / "missing", tmp_path / "one")


@pytest.fixture
def cp(monkeypatch):
    """The real one, told of before and after each copy."""
    run, calls = subprocess.run, []

    def do(before=lambda: None, after=lambda: None, stderr=""):
        def copy(argv, **options):
            calls.append(argv)
            before()
            done = run(argv, **options)
            after()
            return subprocess.CompletedProcess(argv, int(bool(stderr)), "", stderr) if stderr else done

        monkeypatch.setattr(copies.subprocess, "run", copy)
        return calls

    return do


def test_a_folder_at_rest_is_copied_once(source, tmp_path, cp):
    calls = cp()
    copies.copy(source, tmp_path / "one")
    assert len(calls) == 1


def test_a_folder_that_changed_meanwhile_is_copied_again(source, tmp_path, cp):
    """Else the copy could be one that no crash would have left."""
    changes = iter(["8"])
    calls = cp(after=lambda: [(source / "inner" / "block").write_text(n) for n in changes])
    copies.copy(source, tmp_path / "one")
    assert len(calls) == 2
    assert (tmp_path / "one" / "inner" / "block").read_text() == "8"


def test_a_folder_that_never_rests_is_copied_all_the_same(source, tmp_path, cp):
    block = source / "inner" / "block"
    calls = cp(after=lambda: block.write_text(block.read_text() + "7"))
    copies.copy(source, tmp_path / "one")
    assert len(calls) == copies.TRIES
    assert (tmp_path / "one").is_dir()


def test_a_file_that_vanishes_meanwhile_does_not_spoil_the_copy(source, tmp_path, cp):
    cp(stderr=f"cp: cannot stat '{source}/inner/log': No such file or directory\n")
    copies.copy(source, tmp_path / "one")
    assert content(tmp_path / "one") == content(source)


def test_a_copy_that_failed_leaves_nothing_under_its_name(source, tmp_path, cp):
    cp(stderr=f"cp: error writing '{source}/inner/block': No space left on device\n")
    with pytest.raises(OSError, match=r"can't be copied: cp: error writing .* No space left on device"):
        copies.copy(source, tmp_path / "one")
    assert not (tmp_path / "one").exists()
