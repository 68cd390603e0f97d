"""How the tests share several workers (`make test`): what stays together, and what goes first."""

import os
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent
EACH_ITS_OWN = ("engine/", "local/plugins/test_updates.py", "local/plugins/helm/test_release.py")
"""Each test has a namespace and a state of its own, and mostly waits: any worker takes any of them."""
ONE_AFTER_THE_OTHER = {
    # Clusters beside the machine's own one, whose leavings are looked for.
    "local/cluster/test_additions.py": "second cluster",
    "local/cluster/test_embedded.py": "second cluster",
    # Cargo builds one thing after the other anyway, and all of these build in one folder.
    "pipelines/test_benchmarks.py": "sample node",
    "pipelines/test_rust.py": "sample node",
    "pipelines/test_security.py": "sample node",
    # One server for all of them.
    "github_api/": "github api",
    # A whole program takes seconds to record; each is recorded once.
    "components/test_cloud.py": "whole programs",
    "components/test_state_section.py": "whole programs",
    "docs/test_generated.py": "whole programs",
    "policy/test_sabotage.py": "whole programs",
    "policy/test_stacks.py": "whole programs",
    "test_stacks.py": "whole programs",
}
"""All else stays together file by file, so that what a file sets up is set up once."""


@pytest.fixture(scope="session", autouse=True)
def own_pulumi_home(tmp_path_factory):
    """Where the CLI keeps its logs, and which stack is chosen; plugins are still those of the user."""
    users = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    home = tmp_path_factory.mktemp("pulumi-home")
    if (users / "plugins").is_dir():
        (home / "plugins").symlink_to(users / "plugins")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PULUMI_HOME", str(home))
        yield


class Rows(LoadScopeScheduling):
    """Tests in rows, each for one worker."""

    def _split_scope(self, nodeid):
        path = nodeid.partition("::")[0].removeprefix("tests/")
        if path.startswith(EACH_ITS_OWN):
            return nodeid
        return next((row for start, row in ONE_AFTER_THE_OTHER.items() if path.startswith(start)), path)


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order below is meant
    return Rows(config, log)


def pytest_collection_modifyitems(items):
    """Begin with those that wait for a cluster: the others fill the pauses."""
    items.sort(key=_turn)


def _turn(item):
    path = item.path.relative_to(HERE).as_posix()
    if ONE_AFTER_THE_OTHER.get(path) in ("sample node", "second cluster"):
        return 0  # the longest rows
    return 1 if item.get_closest_marker("cluster") else 2
