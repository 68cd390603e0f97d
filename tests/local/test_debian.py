import subprocess

import pytest

from local import debian
from local.errors import LocalError


def test_a_machine_without_apt_is_told_the_other_ways(own_cache, programs):
    with pytest.raises(LocalError, match=r"apt-get is missing on this machine. .*kind.*KUBECONTEXT=name"):
        debian.ensure()


def test_a_failed_download_leaves_no_folder_that_looks_complete(own_cache, programs):
    for name in ("apt-get", "apt-cache", "dpkg", "dpkg-query"):
        programs.program(name)
    programs.answer("apt-cache depends", "")
    programs.answer("dpkg-query", "")
    programs.answer("apt-get", "", 100)
    with pytest.raises(LocalError, match="apt-get update"):
        debian.ensure()
    assert list((own_cache / "debian").iterdir()) == []


def test_only_libraries_that_the_machine_lacks_are_fetched(programs):
    programs.answer(
        "apt-cache depends", "iptables\n  Depends: libc6\nlibc6\nlibxtables12\nlibperl5.36\nadduser\n"
    )
    programs.answer("dpkg-query", "libc6 installed\nlibxtables12 config-files\n")
    assert debian._libraries() == ["libxtables12"]


def test_the_unpacked_programs_find_all_their_libraries():
    assert debian.missing_libraries(debian.ensure()) == []


@pytest.mark.parametrize("program", ["containerd", "runc", "conntrack", "iptables"])
def test_the_unpacked_programs_run_from_where_they_are(program):
    root = debian.ensure()
    environment = debian.environment(root)
    found = subprocess.run(
        ["/bin/sh", "-c", f"command -v {program}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith(str(root))
    subprocess.run([program, "--version"], env=environment, capture_output=True, check=True)
