import hashlib

import pytest

from ci import artifacts
from ci.report import Refusal

METADATA = {
    "workspace_members": ["node 0.1"],
    "packages": [
        {"id": "node 0.1", "targets": [{"name": "node", "kind": ["bin"]}, {"name": "lib", "kind": ["lib"]}]},
        {"id": "other 1.0", "targets": [{"name": "other", "kind": ["bin"]}]},
    ],
}


def test_only_the_workspaces_own_programs_are_taken():
    assert artifacts.binaries(METADATA) == ["node"]


def test_the_machine_is_the_compilers_host():
    assert artifacts.host("rustc 1.95.0\nhost: aarch64-unknown-linux-gnu\n") == "aarch64-unknown-linux-gnu"


def test_each_program_has_a_name_of_its_own_and_a_checksum(tmp_path):
    (tmp_path / "node").write_bytes(b"program")
    artifacts.gather(["node"], tmp_path, "x86_64-linux", tmp_path / "dist")
    digest = hashlib.sha256(b"program").hexdigest()
    assert (tmp_path / "dist/SHA256SUMS").read_text() == f"{digest}  node-x86_64-linux\n"
    assert (tmp_path / "dist/node-x86_64-linux").read_bytes() == b"program"


def test_a_program_that_was_not_built_is_named(tmp_path):
    with pytest.raises(Refusal, match="the build left no node"):
        artifacts.gather(["node"], tmp_path, "x", tmp_path / "dist")


def test_a_workspace_without_a_program_is_refused(tmp_path):
    with pytest.raises(Refusal, match="builds no program"):
        artifacts.gather([], tmp_path, "x", tmp_path / "dist")
