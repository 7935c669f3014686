"""A disk that is really full: a small file system in memory, and a limit on the size of files."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WRITES = """
import sys
from pathlib import Path
import torch
from gan_zoo import checkpoint

def contents(images, width):
    game = {"weights": torch.zeros(width)}
    spec = {"name": "a", "shape": [1], "classes": 0, "class_names": []}
    empty = {key: {} for key in ("config", "versions", "observers", "environment")}
    return {"format": 2, "images": images, "game": game, "spec": spec, "fingerprint": "f", **empty}

folder = Path(sys.argv[1])
checkpoint.save(folder / "last.ckpt", contents(1, 1000))
try:
    checkpoint.save(folder / "last.ckpt", contents(2, 1_000_000))
except OSError as error:
    print("refused", error.errno)
good = checkpoint.load(checkpoint.newest_good(folder))
print(good["images"], sorted(path.name for path in folder.iterdir()))
"""


def written(folder: Path, *before: str, **options) -> str:
    command = [*before, sys.executable, "-c", WRITES, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=120, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_limit_on_the_size_of_files(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    said = written(tmp_path, preexec_fn=limit)
    assert said == "refused 27\n1 ['last.ckpt']\n"  # EFBIG


def test_a_full_file_system(tmp_path):
    """Mount 2 MiB of memory where that is allowed, in a name space that ends with the process."""
    mount = f"mount -t tmpfs -o size=2m none '{tmp_path}'"
    allowed = shutil.which("unshare") and subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
        capture_output=True,
        check=False,
    )
    if not allowed or allowed.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    shell = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    assert written(tmp_path, *shell) == "refused 28\n1 ['last.ckpt']\n"  # ENOSPC
