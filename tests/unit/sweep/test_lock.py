"""One process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from gan_zoo.errors import UserError
from gan_zoo.sweep.lock import only_here

HOLD = """
import sys, time, pathlib
from gan_zoo.sweep.lock import only_here
with only_here(pathlib.Path(sys.argv[1]), 0.0):
    print("held", flush=True)
    time.sleep(60)
"""


def test_it_is_refused_as_long_as_another_process_holds_it_and_free_when_that_was_killed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "logs" / "job.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="Another process is training"), only_here(path, 0.3):
            pass
        other.kill()
    with only_here(path, 0.0):
        assert path.exists()
    assert not path.exists()
