import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from local.cluster import additions, supervisor
from local.cluster.components import Component


@given(st.integers(1, 1000))
def test_what_keeps_dying_is_started_again_ever_more_slowly_but_never_given_up(failures):
    assert (
        supervisor.back_off(failures)
        <= supervisor.back_off(failures + 1)
        <= supervisor.LONGEST_BACK_OFF_SECONDS
    )


def test_the_first_death_is_mended_almost_at_once():
    assert supervisor.back_off(1) <= 0.5


def test_a_process_is_known_by_its_start():
    """Ids are used again, starts are not; the kernel's first process started before all others."""
    assert supervisor.start_time(os.getpid()) == supervisor.start_time(os.getpid())
    assert supervisor.start_time(1) < supervisor.start_time(os.getpid())


def test_a_name_with_blanks_and_brackets_hides_no_field(tmp_path):
    program = tmp_path / "a) b (c"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "60"])
    try:
        assert supervisor.start_time(process.pid) >= supervisor.start_time(os.getpid())
    finally:
        process.kill()
        process.wait()


def test_a_process_that_ended_has_no_start():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert supervisor.start_time(process.pid) is None


def test_a_process_that_ended_unnoticed_has_no_start():
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", ""], pass_fds=[write])
    os.close(write)
    os.read(read, 1)  # answers when the last holder of the other end has gone
    os.close(read)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert supervisor.start_time(process.pid) is None
    finally:
        process.wait()


def test_a_component_waits_for_the_file_it_needs(tmp_path):
    component = Component(name="kubelet", argv=("kubelet",), needs_file=str(tmp_path / "socket"))
    assert not supervisor._ready_for(component, api=True)
    (tmp_path / "socket").touch()
    assert supervisor._ready_for(component, api=True)


def test_a_component_that_talks_to_the_api_waits_for_it():
    component = Component(name="kubelet", argv=("kubelet",), needs_api=True)
    assert not supervisor._ready_for(component, api=False)
    assert supervisor._ready_for(component, api=True)


def test_what_runs_inside_needs_nothing_but_the_standard_library():
    """The clone and its virtual environment may be gone while the cluster runs."""
    modules = ["supervisor", "additions", "forward", "volumes", "snapshots", "targets"]
    imports = "; ".join(f"import local.cluster.{module}" for module in modules)
    argv = [sys._base_executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {imports}"]
    clone = supervisor.Path(supervisor.__file__).parents[2]
    subprocess.run([*argv, str(clone)], check=True)


def test_a_cluster_so_old_that_it_can_not_say_what_it_has_gets_nothing_added(own_cache):
    """Two of a kind could run; a new start mends it too."""
    code = own_cache / "cluster" / "code" / "local" / "cluster"
    code.mkdir(parents=True)
    (code / "components.py").write_text("def all_components(): return ()")
    assert additions.missing() == []


def test_what_the_clusters_own_code_does_not_know_is_missing(own_cache):
    additions.copy_code(own_cache / "cluster" / "code")
    assert additions.missing() == []
    with (own_cache / "cluster" / "code" / "local" / "cluster" / "components.py").open("a") as file:
        file.write("\n_all = all_components\ndef all_components(*folders): return _all(*folders)[:-1]\n")
    assert additions.missing() == ["prometheus"]
