import struct

import pytest

from gan_zoo.callbacks.wandb_file import described, files, history, last_step, summary

BLOCK = 32768


def write(path, messages):
    """Write records as W&B does: in pieces that no block border cuts."""
    data = b":W&B\0\0\0"
    for content in messages:
        first = True
        while content or first:
            left = BLOCK - len(data) % BLOCK
            if left < 7:
                data += bytes(left)
                left = BLOCK
            piece, content = content[: left - 7], content[left - 7 :]
            kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[
                first, not content
            ]
            data += struct.pack("<IHB", 0, len(piece), kind) + piece
            first = False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def row(step, size=0):
    pb = pytest.importorskip("wandb.proto.wandb_internal_pb2")
    record = pb.Record()
    for name, value in (("_step", str(step)), ("text", f'"{"x" * size}"')):
        item = record.history.item.add()
        item.nested_key.append(name)
        item.value_json = value
    return record.SerializeToString()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "wandb" / "offline-run-1-abc" / "run-abc.wandb"


@pytest.mark.parametrize("size", [0, 10, 32735, 32740, 32745, 100_000])
def test_rows_are_read_whatever_their_size(file, size):
    write(file, [row(step, size) for step in range(5)])
    assert [(found["_step"], len(found["text"])) for found in history(file)] == [
        (step, size) for step in range(5)
    ]


def test_the_summary_holds_the_last_value_of_every_key(file):
    pb = pytest.importorskip("wandb.proto.wandb_internal_pb2")

    def record(kind, *items):
        made = pb.Record()
        for keys, text in items:
            item = made.history.item.add() if kind == "history" else made.summary.update.add()
            item.nested_key.extend(keys)
            item.value_json = text
        return made.SerializeToString()

    picture = record("history", (["_step"], "0"), (["samples/grid", "_type"], '"image-file"'))
    write(file, [picture, record("history", (["loss"], "2.0")), record("history", (["loss"], "1.0"))])
    later = file.parents[1] / "offline-run-2-abc" / "run-abc.wandb"
    write(later, [record("summary", (["evaluation/fd"], "3.5"))])
    assert summary([file, later]) == {
        "samples/grid": {"_type": "image-file"},
        "loss": 1.0,
        "evaluation/fd": 3.5,
    }


def test_a_torn_end_is_left_out(file):
    write(file, [row(step, 100) for step in range(5)])
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        steps = [found["_step"] for found in history(file)]
        assert steps == list(range(len(steps)))
    assert steps == [0, 1, 2, 3]


def test_the_last_step_is_that_of_all_processes(tmp_path, file):
    assert last_step(tmp_path, "abc") == -1
    write(file, [row(100), row(200)])
    write(tmp_path / "wandb" / "run-2-abc" / "run-abc.wandb", [row(300)])
    write(tmp_path / "wandb" / "run-3-other" / "run-other.wandb", [row(900)])
    assert len(files(tmp_path, "abc")) == 2
    assert last_step(tmp_path, "abc") == 300


def test_a_file_of_nothing_describes_nothing(file):
    write(file, [row(0)])
    assert described(file) == {}
