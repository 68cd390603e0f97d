import pytest

from sections.mistakes import UnusableError
from tests.cloud import TRUST
from tests.sections.refusals import WHOLE, read, refusal


def test_a_whole_file_is_accepted():
    assert read(WHOLE).cluster is not None


@pytest.mark.parametrize("section", ["cluster", "access", "costs", "backups"])
def test_a_section_that_needs_an_account_names_it(section):
    keys = {"release": {"image": "ghcr.io/alys/node", "context": "somewhere"}, section: WHOLE[section]}
    pin = {key: WHOLE[key] for key in ("version", "digest")}
    message = _refused({**pin, **keys})
    assert f"alys:account is missing: alys:{section} makes resources in one" in message
    assert "owner: platform" in message


def test_a_cache_is_in_an_account_and_a_pull_secret_is_not():
    pin = {key: WHOLE[key] for key in ("version", "digest")}
    keys = {**pin, "release": {"image": "registry.example/alys/node", "context": "somewhere"}}
    message = _refused({**keys, "registry": WHOLE["registry"]})
    assert "alys:account is missing: alys:registry.mode cache makes resources in one" in message
    assert read({**keys, "registry": {**WHOLE["registry"], "mode": "direct"}}).account is None


def test_prometheus_without_a_cluster_is_refused():
    keys = {key: value for key, value in WHOLE.items() if key not in {"cluster", "release"}}
    assert "alys:cluster is missing: alys:observability is installed in one" in _refused(
        {**keys, "observability": {"namespace": "monitoring"}}
    )


def test_a_release_needs_somewhere_to_run():
    keys = {key: value for key, value in WHOLE.items() if key != "cluster"}
    assert "alys:release.context is missing, and the stack has no cluster of its own" in _refused(keys)


def test_a_release_runs_in_one_place():
    assert "but the stack has a cluster of its own" in refusal("release.context", "alys-local")


def test_a_release_runs_on_machines_that_there_are():
    message = refusal("release.node_group", "chains")
    assert "alys:release.node_group = chains is no group of the cluster; it has system" in message


def test_backups_are_kept_in_one_place():
    keys = {**WHOLE, "release": {"snapshots": {"snapshot_class": "a"}, "backup_volume": {"size": "300Gi"}}}
    keys["release"]["image"] = WHOLE["release"]["image"]
    assert "alys:release.snapshots and release.backup_volume are both there" in _refused(keys)


def test_zones_are_in_the_accounts_region():
    message = refusal("account.region", "eu-central-1")
    assert "names us-east-1a, which is not in the account's region, eu-central-1" in message


def test_a_longer_region_name_is_another_region():
    """`us-east-1` is no beginning of a zone in `us-east-11`."""
    assert "not in the account's region" in refusal("cluster.network.zones", ["us-east-2a", "us-east-2b"])


def test_an_image_from_elsewhere_is_not_pulled_through_ghcr():
    message = refusal("release.image", "docker.io/alys/node")
    assert "alys:release.image = docker.io/alys/node is not on ghcr.io" in message


def test_the_trusted_repository_is_the_one_that_deploys():
    keys = {**WHOLE, "github": {"repository": "alys/other"}}
    assert "alys:access.trust.repository = alys/alys is not the repository of alys:github, alys/other" in (
        _refused(keys)
    )


def _refused(keys):
    with pytest.raises(UnusableError) as refused:
        read(keys)
    return str(refused.value)


GITHUB = {"repository": TRUST["repository"]}


def test_a_cluster_that_answers_inside_alone_needs_runners_there():
    message = refusal("github", GITHUB)
    assert "alys:github.runner is missing: the cluster answers only inside its network" in message
    assert "runner: alys-staging" in message


def test_a_cluster_that_answers_outside_is_reached_by_githubs_own_machines():
    cluster = {**WHOLE["cluster"], "public_cidrs": ["203.0.113.0/24"]}
    assert read({**WHOLE, "cluster": cluster, "github": GITHUB}).github.runner is None
