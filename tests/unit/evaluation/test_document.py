import json
import re
from pathlib import Path

import pytest

from gan_zoo.evaluation.document import Subject, document, write_document
from gan_zoo.evaluation.evaluate import evaluate
from gan_zoo.evaluation.measures import MEASURES
from tests.unit.evaluation.planted import draw

ROOT = Path(__file__).resolve().parents[3]
KEYS = [
    "format", "subject", "data", "sets", "seed", "extractor", "numbers", "warnings", "failures", "by_class",
    "seconds",
    "versions", "command", "files",
]  # fmt: skip
NUMBER = ["metric", "value", "floor", "ceiling", "direction", "ideal", "std", "protocol"]
PROTOCOL = [
    "n_real", "n_fake", "n_floor", "n_ceiling", "real_split", "fake", "ceiling", "prepared", "seed",
    "extractor", "extractor_sha256", "resize", "value_range", "estimator", "versions", "comparable_to_floor",
    "comparable_to_published",
]  # fmt: skip
INSIDE = {
    "subject": ["kind", "path", "kimg"],
    "data": ["name", "shape", "classes", "class_names", "fingerprint"],
    "sets": ["reference", "fake", "floor", "ceiling", "compared", "real_split"],
}


@pytest.fixture
def written(make_sets, context, tmp_path):
    sets = make_sets(draw(100, 3))
    names = ["frechet_distance", "class_shares", "ms_ssim"]
    measures = {name: MEASURES.build(name) for name in names}
    measures["ms_ssim"].pairs = 0  # refused
    evaluation = evaluate(sets, measures, context)
    subject = Subject("run", "outputs/mine", "shapes", 5.0, "f" * 64, ("a", "b", "c", "d"), "python x")
    path = tmp_path / "folder" / "evaluation.json"
    write_document(path, document(evaluation, sets, context, subject, {"bins": "b.png"}))
    return path


def test_the_keys_are_frozen(written):
    found = json.loads(written.read_text())
    assert list(found) == KEYS
    for key, inside in INSIDE.items():
        assert list(found[key]) == inside
    number = found["numbers"]["fd/shapes-planted-coarse-25@00000000"]
    assert list(number) == NUMBER
    assert list(number["protocol"]) == PROTOCOL
    assert list(found["failures"]) == ["ms_ssim"]
    assert list(found["failures"]["ms_ssim"]) == ["error"]
    assert found["by_class"]["accuracy"].keys() == {"fake", "floor", "ceiling"}
    assert found["files"] == {"bins": "b.png"}
    assert found["command"] == "python x"


def test_the_keys_are_documented(written):
    text = (ROOT / "docs" / "evaluate.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert set(KEYS) | set(NUMBER) | set(PROTOCOL) | {key for keys in INSIDE.values() for key in keys} <= set(
        named
    )


def test_every_metric_is_documented():
    text = (ROOT / "docs" / "evaluate.md").read_text(encoding="utf-8")
    for name in MEASURES:
        assert f"`{name}`" in text, name
        for number in MEASURES[name].quantities:
            assert f"`{number}`" in text, number


def test_who_reads_finds_the_old_file_or_the_new_one(written):
    before = written.read_text()
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_document(written, {"numbers": float("nan")})
    assert written.read_text() == before
    assert [path.name for path in written.parent.iterdir()] == ["evaluation.json"]
