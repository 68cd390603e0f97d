import multiprocessing
from pathlib import Path

from local import cache


def hold(path: Path) -> None:
    with cache.lock("thing"):
        path.write_text("second")


def test_the_cache_is_where_xdg_says(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache.root() == Path("/somewhere/alys-release")


def test_the_cache_is_in_the_home_folder_by_default(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    assert cache.root() == Path("/home/someone/.cache/alys-release")


def test_a_lock_keeps_a_second_process_waiting_until_it_is_let_go(own_cache, tmp_path):
    """The second process writes into the file at once, were it not for the lock."""
    file = tmp_path / "order"
    second = multiprocessing.get_context("spawn").Process(target=hold, args=(file,))
    with cache.lock("thing"):
        second.start()
        second.join(timeout=2)
        assert second.is_alive()
        assert not file.exists()
    second.join()
    assert file.read_text() == "second"
