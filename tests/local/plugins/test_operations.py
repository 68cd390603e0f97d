import threading

from local.plugins.operations import Operations


def test_stopping_waits_for_what_is_running():
    """An interrupted release has to be put back before the plugin ends."""
    operations = Operations("toy")
    begun, order = threading.Event(), []

    def work():
        begun.set()
        operations.cancelled.wait()
        order.append("put back")

    running = threading.Thread(target=operations.counted, args=(work,))
    running.start()
    begun.wait()
    operations.stop()
    order.append("stopped")
    running.join()
    assert order == ["put back", "stopped"]


def test_stopping_what_is_idle_is_done_at_once():
    operations = Operations("toy")
    operations.stop()
    assert operations.cancelled.is_set()
