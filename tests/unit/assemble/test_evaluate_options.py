from pathlib import Path

import pytest

from gan_zoo.assemble.evaluate_options import HELP, READERS, read_options
from gan_zoo.errors import UserError


def test_defaults():
    options = read_options(["run=latest"], "evaluate")
    assert (options.metrics, options.n, options.seed, options.extractor) == (("all",), 10_000, 0, "auto")
    assert options.command == "evaluate run=latest"


def test_lists_paths_and_groups():
    options = read_options(
        [
            "fake=~/a.zip", "real=b", "metrics=[ndb, 'fast',ndb]", "n=7", "size=16", "ndb.bins=5",
            "swd_patches=3", "extractor.weights=c.pth", "out=d/e.json",
        ]
    )  # fmt: skip
    assert options.fake == Path("~/a.zip").expanduser()
    assert options.metrics == ("ndb", "fast")
    assert options.settings == {"ndb": {"bins": 5}, "sliced_wasserstein": {"patches_per_image": 3}}
    assert options.extractor_options == {"weights": "c.pth"}
    assert read_options(["run=a", "metrics=ndb", "data.root=x", "out=null"]).data == {"root": "x"}


def test_the_help_names_every_option():
    assert all(f"  {key}=" in HELP for key in READERS)
    assert max(len(line) for line in HELP.splitlines()) <= 110


def test_the_help_tells_that_images_are_cropped_and_what_auto_is():
    text = " ".join(HELP.split())
    assert "size=32 of images in files: cut the largest centered square out of each" in text
    assert "auto is the classifier where one can be trained, else random_convolutions" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "run=latest"),
        (["fake=a"], "both fake=PATH and real=PATH"),
        (["run=a", "fake=b", "real=c"], "not both"),
        (["outputs"], "key=value"),
        (["run=a", "metric=[ndb]"], "Did you mean 'metrics'"),
        (["run=a", "n=0"], "n=0"),
        (["run=a", "n=10", "n=20"], "twice"),
        (["run=a", "seed=-1"], "seed=-1"),
        (["run=a", "size=3"], "images in files"),
        (["fake=a", "real=b", "channels=2"], "channels=2"),
        (["fake=a", "real=b", "data.root=c"], "data set of a run"),
        (["run=a", "out=b.txt"], r"\.json"),
        (["run=a", "ndb.bins=[1"], r"ndb\.bins"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(UserError, match=message):
        read_options(arguments)
