import io
import time

from gan_zoo.callbacks import Metrics, Progress
from gan_zoo.callbacks.progress import duration


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_plain_lines_every_twentieth_of_the_run(module, trainer, run, monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    stream = io.StringIO()
    module.game.total_images = 2000
    run(trainer, module, Metrics(), Progress(stream), batches=40)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 21  # each twentieth, and the end
    assert lines[0].startswith("  5%  0.1/2.0 kimg, 50 images/s, 0:38 left, G ")
    assert lines[-1].startswith("100%  2.0/2.0 kimg, ")
    assert "left" not in lines[-1]
    assert "\r" not in stream.getvalue()


def test_a_slow_run_says_something_every_half_minute(module, trainer, run, monkeypatch):
    clock = iter(range(0, 100_000, 10))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    stream = io.StringIO()
    module.game.total_images = 10**9
    run(trainer, module, Progress(stream), batches=12, finish=False)
    assert len(stream.getvalue().splitlines()) == 4


def test_a_terminal_gets_one_line_that_disappears(module, trainer, run, monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    stream = Terminal()
    run(trainer, module, Metrics(), Progress(stream), batches=21)  # one batch more than the run's length
    shown = stream.getvalue()
    assert "\n" not in shown
    assert "0.5/1.0 kimg, 50 images/s, 0:10 left, G " in shown
    assert shown.rstrip("\r").split("\r")[-1].strip() == ""  # wiped at the end
    assert "101%" not in shown


def test_an_exception_closes_the_bar(module, trainer, run):
    stream = Terminal()
    progress = Progress(stream)
    run(trainer, module, progress, batches=1, finish=False)
    progress.on_exception(trainer, module, ValueError())
    assert progress._bar is None


def test_durations():
    assert [duration(s) for s in (0.4, 59.7, 3600)] == ["0:00", "1:00", "1:00:00"]
