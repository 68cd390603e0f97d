"""What earlier drafts of these pipelines did wrong, and must not do again."""

import re

import pytest

from tests.pipelines.workflows import ROOT, every, named, reusable, steps_that_run

# Nobody looks after them any more, or their tags were moved to something else.
FORSAKEN = (
    "actions-rs/",
    "rustsec/audit-check",
    "8398a7/",
    "tj-actions/",
    "returntocorp/",
    "semgrep/semgrep-action",
)
UNRELIABLE = ("dtolnay/rust-toolchain", "aquasecurity/trivy-action")


def run_steps(word: str):
    return [step for step in steps_that_run() if word in step.run]


def test_coverage_is_measured_once():
    """A second run of tarpaulin takes as long as the first, and may say something else."""
    assert [step.id for step in run_steps("tarpaulin")] == ["rust.yml/coverage/Measure"]


def test_coverage_does_not_need_ptrace():
    """Which works on one kind of processor, and not where it is forbidden."""
    assert "--engine llvm" in run_steps("tarpaulin")[0].run


def test_whatever_runs_the_integration_tests_has_their_database():
    """Without one they fail, and coverage with them, or look away, and cover nothing."""
    steps = [*run_steps("--test '*'"), *run_steps("tarpaulin")]
    services = [step.job.content["services"]["postgres"] for step in steps]
    assert services == [services[0]] * 2
    places = {step.content["env"]["DATABASE_URL"] for step in steps}
    assert places == {"postgres://postgres@127.0.0.1:5432/alys_test"}
    assert services[0]["ports"] == ["5432:5432"]
    assert services[0]["env"]["POSTGRES_DB"] == "alys_test"


def test_the_threshold_is_not_read_out_of_a_line_of_text():
    """`bc` takes an empty number for none, and no number is under the threshold."""
    assert not [step.id for step in steps_that_run() if re.search(r"\b(bc|awk|grep|sed|jq|cut)\b", step.run)]


def test_no_action_is_used_that_is_not_looked_after():
    used = {use.action for workflow in every() for use in workflow.uses}
    assert [one for one in used if f"{one}/".startswith((*FORSAKEN, *UNRELIABLE))] == []


@pytest.mark.parametrize(
    "text", ["github.event.inputs", "github.head_ref", "github.event.pull_request.title"]
)
def test_what_anybody_may_write_is_nowhere_near_a_script(text):
    assert not [step.id for step in steps_that_run() if text in step.run]
    assert not [w.name for w in every() if "github.event.inputs" in w.text], "`inputs` has types"


def test_semgrep_does_not_fetch_its_rules_while_it_runs():
    """`--config auto` asks a server which rules apply today, and tells it what it scans."""
    scans = run_steps("semgrep scan")
    assert scans
    for step in scans:
        assert "--config ../alys-release/ci/rules/rust.yaml" in step.run
        assert step.content["env"]["SEMGREP_SEND_METRICS"] == "off"


def test_an_alert_ends_with_its_reason():
    """GitHub closes one when a later report is without it, so a report without findings is uploaded too."""
    uploads = [
        step
        for workflow in every()
        for job in workflow.jobs
        for step in job.steps
        if "upload-sarif@" in step.content.get("uses", "")
    ]
    reports = [named("security.yml").job("policy").step("Findings as SARIF")]
    assert len(uploads) >= 3
    for step in [*uploads, *reports]:
        assert step.content["if"].startswith("${{ !cancelled()"), step.id


def test_a_package_is_installed_from_a_list_of_today():
    """A runner's own is as old as its image, and names files that the mirrors have no more."""
    steps = run_steps("apt-get install")
    assert steps
    for step in steps:
        first, *_ = step.run.splitlines()
        assert first.startswith("sudo apt-get update"), step.id


def test_a_benchmark_is_not_judged_by_another_days_machine():
    """A threshold on wall clock times of shared runners fails by chance; the history is a picture only."""
    step = named("benchmarks.yml").job("history").step("Add them to the chart")
    assert step.content["with"]["fail-on-alert"] is False
    assert "comment-on-alert" not in step.content["with"]
    condition = named("benchmarks.yml").job("history").content["if"]
    assert condition == "${{ github.event_name == 'push' && github.ref == 'refs/heads/main' }}"


def test_unit_integration_and_property_tests_are_not_one_case_of_a_script():
    """A misspelt word there would run nothing, and pass."""
    jobs = {job.name for job in named("rust.yml").jobs}
    assert {"unit", "integration", "properties"} <= jobs


def test_no_test_is_run_by_a_name_that_may_match_none():
    """nextest fails when a filter matches no test; `cargo test` does not."""
    assert [step.id for step in run_steps("cargo test")] == ["rust.yml/unit/Examples in the documentation"]
    assert "no-tests" not in (ROOT / "examples/node/.config/nextest.toml").read_text()


def test_both_platforms_are_built_on_a_machine_of_their_own():
    """Emulated, a build takes ten times as long, and its tests say little."""
    for workflow, job in (("rust.yml", "build"), ("image.yml", "build")):
        runners = {one["runner"] for one in named(workflow).job(job).content["strategy"]["matrix"]["include"]}
        assert runners == {"ubuntu-24.04", "ubuntu-24.04-arm"}
    assert not any("setup-qemu" in workflow.text for workflow in every())


def test_the_image_of_a_release_is_known_by_its_digest():
    outputs = named("image.yml").triggers["workflow_call"]["outputs"]
    assert outputs["digest"]["value"] == "${{ jobs.publish.outputs.digest }}"


def test_whatever_leads_to_a_merge_runs_in_the_merge_queue_too():
    """Else a required check never comes, and nothing can be merged."""
    for name in ("ci", "security", "benchmarks"):
        triggers = named(f"pipelines/{name}.yml").triggers
        assert {"pull_request", "merge_group"} <= triggers.keys()


def test_a_branch_is_written_with_its_slash():
    for name in ("ci", "security", "image"):
        assert named(f"pipelines/{name}.yml").triggers["push"]["branches"] == [
            "main",
            "develop",
            "release/*",
            "migration/*",
        ]


def test_reports_are_kept_when_the_tests_fail():
    for workflow in reusable():
        for job in workflow.jobs:
            for step in job.steps:
                if step.name == "Keep the report":
                    assert step.content["if"] == "${{ !cancelled() }}", step.id


def test_one_compiler_is_named_in_all_places():
    toolchain = (ROOT / "examples/node/rust-toolchain.toml").read_text()
    channel = re.search(r'channel = "(\d+\.\d+)\.\d+"', toolchain)[1]
    assert f"FROM rust:{channel}-" in (ROOT / "examples/node/Dockerfile").read_text()


@pytest.mark.parametrize("name", ["deploy.yml", "rollback.yml", "emergency-rollback.yml"])
def test_a_deployment_is_recorded_by_what_deploys(name):
    """A record that a last step makes is none of a run that was cut off, and knows no version that failed."""
    assert "createDeployment" not in named(name).text
    assert "deployment: false" in named(name).text


@pytest.mark.parametrize("name", ["rollback.yml", "emergency-rollback.yml"])
def test_a_rollback_gets_the_version_that_was_typed(name):
    """That it goes there is shown on a cluster; here, that no step looks for another one."""
    job = named(name).job("rollback")
    assert job.content["env"]["VERSION"] == "${{ inputs.version }}"
    assert "VERSION" not in (job.step("Roll back").content["env"])
    assert [step.name for step in job.steps if "VERSION" in str(step.content.get("run"))] == [
        "What was typed"
    ]


def test_helm_and_kubectl_are_asked_by_release_alone():
    """`helm history` calls one revision deployed, and no condition of a pod is called Succeeded."""
    assert not [step.id for step in steps_that_run() if re.search(r"\b(helm|kubectl)\b", step.run)]


def test_no_pod_is_made_by_a_pipeline():
    """One of a fixed name collides with the last run's; the smoke test is the chart's, inside the update."""
    hook = (ROOT / "chart/templates/smoke-test.yaml").read_text()
    assert "before-hook-creation" in hook
    assert not run_steps("kubectl run")


@pytest.mark.parametrize("name", ["rollback.yml", "emergency-rollback.yml"])
def test_a_rollback_waits_for_no_deployment(name):
    groups = {
        job.content["concurrency"]["group"]
        for workflow in ("deploy.yml", name)
        for job in named(workflow).jobs
    }
    assert len(groups) == len(named("deploy.yml").jobs) + len(named(name).jobs)
    assert named(name).job("rollback").content["environment"]["name"] == "${{ inputs.environment }}-rollback"


def test_an_emergency_needs_one_job_and_builds_nothing():
    (job,) = named("emergency-rollback.yml").jobs
    before = [step.name for step in job.steps][: [step.name for step in job.steps].index("Roll back")]
    assert before == [
        "Check out",
        "What was typed",
        "Stop what else is about to change it",
        "Install uv",
        "What is locked",
        "Install Pulumi",
        "Take on the role",
        "Wait for what was stopped",
        "Remove the locks",
    ]


RUNS_IT = r"ci\.driver start|ci\.phases run"


@pytest.mark.parametrize(
    "name", ["deploy.yml", "rollback.yml", "emergency-rollback.yml", "migration.yml", "phases.yml"]
)
def test_what_failed_pods_said_outlives_the_machine_that_asked_them(name):
    """It is kept in a hidden folder, which is left out of an artifact unless it is asked for."""
    (job,) = (
        job for job in named(name).jobs if any(re.search(RUNS_IT, step.run or "") for step in job.steps)
    )
    kept = job.steps[-1]
    assert kept.content["uses"].startswith("actions/upload-artifact@")
    assert kept.content["if"] in {"${{ always() }}", "${{ !cancelled() }}"}
    assert ".release/*/" in kept.content["with"]["path"]
    assert kept.content["with"]["include-hidden-files"] is True


@pytest.mark.parametrize("name", ["deploy.yml", "rollback.yml", "emergency-rollback.yml"])
def test_people_are_told_however_it_ends(name):
    """Messages, record and page are `release`'s own; what a cancelled job still has to do is done always."""
    job = next(job for job in named(name).jobs if job.name in {"deploy", "rollback"})
    (release,) = [step for step in job.steps if "ci.driver start" in (step.run or "")]
    assert release.content["env"]["ALYS_NOTIFY"] == "${{ secrets.NOTIFICATION_URLS }}"
    assert release.run.startswith("exec "), "GitHub tells a step's first process alone"
    ended = job.step("How it ended").content
    assert ended["if"] == "${{ always() }}"
    # Of one that never began nobody else says so.
    assert ended["env"]["ALYS_NOTIFY"] == release.content["env"]["ALYS_NOTIFY"]
    assert job.step("Bring the pin back").content["if"].startswith("${{ always()")


def test_what_root_has_made_is_given_back_before_anybody_else_goes_on():
    """Pulumi keeps which stack is selected in the home folder, and could not write there any more."""
    job = named("phases.yml").job("phase")
    started, given_back = job.step("Cluster").run.splitlines()
    assert started.startswith("sudo ")
    assert given_back.split()[-3:] == [".local", ".venv", '"$HOME/.pulumi"']
    assert not [step.id for step in job.steps if "sudo" in (step.run or "") and step.name != "Cluster"]


def test_whoever_asks_what_a_version_is_may_ask_who_built_it():
    """`release` refuses a version that nobody attests, and GitHub says nothing to who may not ask."""
    asks = re.compile(r"ci\.driver start (deploy|migrate)|ci\.preview look")
    jobs = [step.job for step in steps_that_run() if asks.search(step.run)]
    assert {job.id for job in jobs} == {"deploy.yml/deploy", "migration.yml/rehearse", "preview.yml/preview"}
    for job in jobs:
        rights = job.content["permissions"]
        assert (rights.get("attestations"), rights.get("packages")) == ("read", "read"), job.id


def test_a_gate_without_data_is_no_step_of_a_pipeline():
    """An empty answer compared in a shell is a success; `release` has a verdict of its own for it."""
    assert not [
        step.id for step in steps_that_run() if re.search(r"curl|prometheus|metric", step.run, re.IGNORECASE)
    ]
