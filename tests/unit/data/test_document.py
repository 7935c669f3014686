"""docs/data.md speaks of options that exist."""

import re
from pathlib import Path

from gan_zoo.data import DATASETS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "data.md"


def test_every_option_exists():
    text = DOCUMENT.read_text(encoding="utf-8")
    mentioned = set(re.findall(r"`data\.(\w+)", text))
    known = {name for source in DATASETS for name in DATASETS.parameters(source)}
    assert mentioned <= known
    assert {"on_error", "pixel_limit", "memory_limit_gb", "cache_dir"} <= mentioned


def test_numbers_in_the_document_are_those_of_the_code():
    from gan_zoo.data.arrays import MOST_CLASSES
    from gan_zoo.data.pictures import BYTE_LIMIT, MAX_PIXELS

    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"({MAX_PIXELS:,})" in text
    assert f"{BYTE_LIMIT // 2**20} MiB" in text
    assert f"{MOST_CLASSES:,} and above" in text
