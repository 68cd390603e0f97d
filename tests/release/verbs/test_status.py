"""Stacks that can't be asked; those that can are in tests/engine/test_looking.py."""

import shutil

import pytest
import yaml

from components import cost_estimate
from release.errors import UsageError
from release.health.outlook import Outlook
from release.project import Project
from release.telling.redaction import Redactor
from release.verbs.status import status
from tests.stacks import CLONE


@pytest.fixture
def outlook(tmp_path):
    """The committed stacks, on a machine without any tools."""
    for path in CLONE.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    return Outlook(project=Project(folder=tmp_path), environment={"PATH": "/nowhere"}, redactor=Redactor())


def test_without_names_all_stacks_that_release_are_shown(outlook):
    rows = status(outlook, (), costs=False).rows
    assert [row.seen.stack for row in rows] == ["canary", "local", "production", "staging", "testnet"]


def test_named_ones_are_shown_once_each_in_the_order_of_their_names_on_the_command_line(outlook):
    rows = status(outlook, ("testnet", "canary", "testnet"), costs=False).rows
    assert [row.seen.stack for row in rows] == ["testnet", "canary"]


def test_a_name_that_no_stack_has_is_refused(outlook):
    with pytest.raises(UsageError):
        status(outlook, ("stagin",), costs=False)


def test_what_could_be_read_without_tools_is_shown_and_the_rest_is_said(outlook):
    (row,) = status(outlook, ("staging",), costs=False).rows
    assert row.pinned.version == "v1.0.0"
    assert str(row.share) == "3 of 3 pods (100 %)"
    assert row.seen.ledger is row.seen.state is row.seen.drift is None
    ((what, remedy),) = row.troubles.items()
    assert what == "There is no pulumi on PATH (stack staging)"
    assert "make tools" in remedy


def test_a_stack_file_that_can_t_be_read_is_a_row_as_well(outlook):
    (outlook.project.folder / "Pulumi.canary.yaml").write_text(
        yaml.safe_dump({"config": {"alys:release": {}}})
    )
    rows = {row.seen.stack: row for row in status(outlook, (), costs=False).rows}
    assert "Pulumi.canary.yaml" in next(iter(rows["canary"].troubles))
    assert rows["staging"].pinned


def test_what_a_stack_costs_is_computed_where_it_was_never_deployed(outlook):
    rows = {row.seen.stack: row for row in status(outlook, (), costs=True).rows}
    assert rows["staging"].costs == cost_estimate.said(rows["staging"].seen.settings)
    assert rows["local"].costs is None, "this machine is paid for"
    assert status(outlook, ("staging",), costs=False).rows[0].costs is None
