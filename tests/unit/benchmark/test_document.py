"""The table finds its place in a document."""

import pytest

from gan_zoo.benchmark.document import BEGIN, END, insert


def test_a_document_keeps_what_is_around_its_markers() -> None:
    document = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert insert(document, "new\n") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="markers"):
        insert("nothing", "new")
