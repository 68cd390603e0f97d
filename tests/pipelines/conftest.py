from collections.abc import Iterator

import pytest

from local import cache
from tests.pipelines import machine, runner, workspace
from tests.pipelines.workspace import Workspace


@pytest.fixture(scope="session")
def node() -> Iterator[Workspace]:
    """The sample node; always in the same place, for cargo to know again what it has built."""
    with cache.lock("pipelines"):
        made = workspace.make(workspace.HERE / "sample")
        workspace.own(made, machine.TARGET)
        yield made


@pytest.fixture(autouse=True)
def runs(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that says which steps it runs has run them when it is over."""
    runner.RAN.clear()
    yield
    said = {step for mark in request.node.iter_markers("runs") for step in mark.args}
    assert said <= runner.RAN, f"the test says that it runs {sorted(said - runner.RAN)}, and did not"
