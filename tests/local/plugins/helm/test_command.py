import json
import threading
import time

import pytest
import yaml

from local.plugins.engine import Engine
from local.plugins.helm.command import Helm, HelmFailed, said
from local.plugins.objects.session import Session, Settings
from local.plugins.resources import Refused
from tests.local.plugins.objects.test_kubeconfig import content

# Writes down how it was called, then does as its first argument says.
FAKE = r"""#!/usr/bin/env python3
import json, os, signal, sys, time
flags = sys.argv[1:]
config = flags[flags.index("--kubeconfig") + 1]
call = {"argv": flags, "stdin": sys.stdin.read(), "kubeconfig": open(config).read()}
json.dump(call, open(os.environ["CALL"], "w"))
if flags[0] == "fail":
    sys.exit("WARNING: something\nError: UPGRADE FAILED: no: 1 error occurred:\n\t* job x failed\n\n")
if flags[0] == "get":
    time.sleep(0.6)
if flags[0] == "wait":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Error: put back"))
    open(os.environ["CALL"] + ".ready", "w").close()
    time.sleep(60)
print("done")
"""


@pytest.fixture
def call_file(tmp_path, monkeypatch):
    helm = tmp_path / "bin" / "helm"
    helm.parent.mkdir()
    helm.write_text(FAKE)
    helm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helm.parent}:/usr/bin:/bin")
    monkeypatch.setenv("CALL", str(tmp_path / "call.json"))
    return tmp_path / "call.json"


@pytest.fixture
def session():
    settings = Settings(kubeconfig=yaml.safe_dump(content()))
    return Session(settings=settings, engine=Engine("127.0.0.1:1"), cancelled=threading.Event())


def test_values_go_through_standard_input(call_file, session):
    Helm(session, "n").run("upgrade", values={"password": "hush"})
    call = json.loads(call_file.read_text())
    assert json.loads(call["stdin"]) == {"password": "hush"}
    assert "hush" not in " ".join(call["argv"])


def test_a_kubeconfig_given_as_text_is_read_from_memory(call_file, session):
    Helm(session, "n").run("status")
    call = json.loads(call_file.read_text())
    assert yaml.safe_load(call["kubeconfig"]) == content()
    assert call["argv"][call["argv"].index("--kubeconfig") + 1].startswith("/proc/self/fd/")


def test_a_kubeconfig_given_as_a_file_is_passed_on(call_file, session, tmp_path):
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(content()))
    session.settings = Settings(kubeconfig=str(file))
    Helm(session, "n").run("status")
    assert str(file) in json.loads(call_file.read_text())["argv"]


def test_what_helm_complains_of_is_one_line(call_file, session):
    with pytest.raises(HelmFailed) as caught:
        Helm(session, "n").run("fail")
    assert str(caught.value) == "UPGRADE FAILED: no: job x failed"


def test_an_interrupt_lets_helm_put_things_back(call_file, session):
    """Helm hears of it once, and ends in its own time."""
    ready = call_file.with_name("call.json.ready")

    def interrupt():
        while not ready.exists():
            time.sleep(0.01)
        session.cancelled.set()

    threading.Thread(target=interrupt).start()
    with pytest.raises(HelmFailed, match="put back"):
        Helm(session, "n").run("wait")


def test_what_reads_is_not_interrupted(call_file, session):
    """What has become of a release is asked after the interrupt, however slow the machine is."""
    session.cancelled.set()
    assert Helm(session, "n").read("get", "manifest", "tiny") == "done\n"


def test_a_missing_helm_is_said_with_the_remedy(session, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match=r"\. \.local/env"):
        Helm(session, "n")


def test_without_a_known_layout_all_of_it_is_told():
    assert said("something\nelse\n") == "something else"
