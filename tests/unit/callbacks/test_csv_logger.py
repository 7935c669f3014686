"""metrics.csv: complete after each row, whole numbers kept, cut where a run goes on."""

import csv
import math

from gan_zoo.callbacks import CsvLogger


def table(folder):
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def filled(folder, steps=(10, 20, 30, 40)):
    logger = CsvLogger(str(folder))
    for step in steps:
        logger.log_metrics({"a": step / 3.0}, step)
    return logger


def test_each_row_is_on_the_disk_at_once_and_keeps_every_digit(tmp_path):
    logger = CsvLogger(str(tmp_path))
    for step, value in ((1, 1.0 / 3.0), (2, 1e-300), (3, math.inf)):
        logger.log_metrics({"a": value}, step)
        assert float(table(tmp_path)[-1]["a"]) == value
    assert [row["step"] for row in table(tmp_path)] == ["1", "2", "3"]


def test_a_column_that_comes_late_is_empty_before(tmp_path):
    logger = filled(tmp_path, (10, 20))
    logger.log_metrics({"b": 5.0}, 30)
    logger.log_metrics({"a": 1.0}, 40)
    assert [(row["a"] != "", row["b"]) for row in table(tmp_path)] == [
        (True, ""), (True, ""), (False, "5.0"), (True, ""),
    ]  # fmt: skip


def test_a_cut_keeps_what_came_up_to_it_and_says_what_was_last(tmp_path):
    filled(tmp_path)
    logger = CsvLogger(str(tmp_path))
    assert logger.cut(20) == 40
    logger.log_metrics({"a": 7.0}, 25)
    logger.log_metrics({"a": 8.0, "b": 9.0}, 30)
    assert [row["step"] for row in table(tmp_path)] == ["10", "20", "25", "30"]
    assert table(tmp_path)[0]["a"] == str(10 / 3.0)


def test_a_cut_forgets_a_row_that_came_after_the_checkpoint_for_the_same_images(tmp_path):
    logger = filled(tmp_path, (10, 20))
    assert logger.count == 2
    logger.log_metrics({"b": 5.0}, 20)
    logger = CsvLogger(str(tmp_path))
    assert (logger.cut(20, 2), logger.count) == (20, 2)
    assert [row["step"] for row in table(tmp_path)] == ["10", "20"]


def test_the_table_of_a_run_that_begins_anew_is_emptied(tmp_path):
    filled(tmp_path)
    logger = CsvLogger(str(tmp_path))
    logger.cut(-1)
    logger.log_metrics({"a": 1.0}, 0)
    assert [row["step"] for row in table(tmp_path)] == ["0"]


def test_a_torn_line_is_no_row(tmp_path):
    filled(tmp_path, (10, 20))
    with (tmp_path / "metrics.csv").open("a", encoding="utf-8") as file:
        file.write("3")  # a process died while it wrote 30
    logger = CsvLogger(str(tmp_path))
    logger.cut(15)
    logger.log_metrics({"a": 2.0}, 20)
    assert [row["step"] for row in table(tmp_path)] == ["10", "20"]


def test_nothing_to_cut(tmp_path):
    assert CsvLogger(str(tmp_path)).cut(100) == 0
    assert not (tmp_path / "metrics.csv").exists()
