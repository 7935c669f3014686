import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from pytorch_lightning.utilities.exceptions import SIGTERMException

from gan_zoo.callbacks.signals import Preempted, Signals, exit_codes

ASKING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


@pytest.fixture
def signals():
    signals = Signals()
    signals.listen()
    yield signals
    signals.restore()


@pytest.mark.parametrize("number", ASKING)
def test_a_signal_is_noted_and_told(signals, number, capfd):
    os.kill(os.getpid(), number)
    assert signals.received is number
    assert f"{number.name}: the run is saved after this step" in capfd.readouterr().err


def test_the_first_one_counts_and_the_second_ctrl_c_is_the_systems(signals):
    os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals.received is signal.SIGINT


def test_handlers_are_restored_and_can_be_installed_again():
    before = [signal.getsignal(number) for number in ASKING]
    signals = Signals()
    signals.listen()
    signals.listen()
    os.kill(os.getpid(), signal.SIGINT)
    signals.restore()
    assert [signal.getsignal(number) for number in ASKING] == before
    signals.listen()
    assert signals.received is None
    signals.restore()
    signals.restore()
    assert [signal.getsignal(number) for number in ASKING] == before


def test_what_is_ignored_stays_ignored(monkeypatch):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signals = Signals()
    signals.listen()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    signals.restore()


def test_another_thread_than_the_main_one_leaves_signals_alone():
    before, signals = signal.getsignal(signal.SIGTERM), Signals()
    thread = threading.Thread(target=signals.listen)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before
    signals.restore()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGINT, 130)]
)
def test_exit_codes(number, code):
    class Ended:
        ended_by = number

    inside = []
    with pytest.raises(Preempted) as left, exit_codes([object(), Ended()]):
        inside.append("closed")
    assert (left.value.code, inside) == (code, ["closed"])
    with exit_codes([object()]):
        inside.append("nothing happened")


def test_an_exit_code_where_nobody_saved_the_run():
    with pytest.raises(SystemExit) as left, exit_codes([]):
        raise SIGTERMException
    assert left.value.code == 143


HANGS = """
import signal, time
from gan_zoo.callbacks.signals import Signals
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started us with &
Signals().listen()
print("ready", flush=True)
while True:
    time.sleep(0.01)
"""


def test_a_second_ctrl_c_ends_the_process_at_once():
    process = subprocess.Popen([sys.executable, "-c", HANGS], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    assert b"SIGINT" in process.stderr.readline() + process.stderr.readline()
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert process.wait(timeout=30) == -signal.SIGINT
    assert time.monotonic() - began < 10
    process.stdout.close()
    process.stderr.close()
