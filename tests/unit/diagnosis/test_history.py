import csv
import math

import pytest

from gan_zoo.diagnosis import History, Thresholds
from gan_zoo.errors import UserError

LIMITS = Thresholds()


def test_rows_without_vital_signs_or_kimg_are_no_looks(rows):
    history = History([{"progress/kimg": 1.0, "generator/js": 0.7}, {"vitals/separation": 1.0}, *rows()])
    assert len(history) == 51
    assert not history.append({"progress/kimg": math.nan, "vitals/separation": 1.0})
    assert not history.append({"progress/kimg": 200.0, "collapse/coverage": 1.0})  # another callback's number


def test_a_row_that_goes_back_replaces_what_came_after(rows):
    history = History(rows())
    history.append({**rows()[0], "progress/kimg": 50.0})
    assert len(history) == 26
    assert [history.kimg(look) for look in (24, 25)] == [48.0, 50.0]
    history.rewind(10.0)
    assert history.kimg(len(history) - 1) == 8.0


def test_a_table_is_read_back_whatever_columns_come_late(tmp_path, rows):
    path = tmp_path / "metrics.csv"
    made = rows()
    made[3]["collapse/drift"] = math.nan
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*made[0], "generator/js", "step", "note"])
        writer.writeheader()
        for row in made:
            writer.writerow({"progress/kimg": row["progress/kimg"], "generator/js": 0.5, "step": 1})
            writer.writerow({**row, "note": "text"})
    history = History.from_csv(path)
    assert [dict(row) for row in history.rows[:3]] == made[:3]
    assert len(history) == len(made)
    assert math.isnan(history.value(3, "collapse/drift"))
    assert math.isnan(history.value(3, "generator/js"))


@pytest.mark.parametrize("text", ["", "progress/kimg,generator/js\n1.0,0.5\n", "no table at all"])
def test_a_table_without_vital_signs_is_refused(tmp_path, text):
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    with pytest.raises(UserError, match="no vital signs"):
        History.from_csv(path)


def test_a_table_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read: No such file"):
        History.from_csv(tmp_path / "metrics.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UserError, match="not a table of numbers"):
        History.from_csv(tmp_path / "binary.csv")


def test_the_window_spans_a_share_of_the_run_and_never_the_grace(rows):
    history = History(rows())
    assert history.window(17, LIMITS) is None  # 10 looks back is look 7, at 14 % of the run
    assert history.window(18, LIMITS) == range(8, 19)
    short = History(rows()[::5])  # 11 looks; a fifth of the run is two of them
    assert short.window(6, LIMITS) == range(2, 7)
    assert short.window(5, LIMITS) is None


def test_without_the_share_of_the_run_looks_are_counted(rows):
    history = History([{k: v for k, v in row.items() if k != "vitals/run_share"} for row in rows()])
    assert history.window(18, LIMITS) == range(8, 19)


def test_a_condition_lasts_from_where_two_looks_in_a_row_did_not_show_it(rows):
    history = History(rows())
    assert history.lasting(30, lambda look: look >= 20, LIMITS) == range(20, 31)
    assert history.lasting(30, lambda look: look >= 20 and look != 27, LIMITS) == range(20, 31)
    assert history.lasting(30, lambda look: look >= 26, LIMITS) is None  # not long enough
    assert history.lasting(30, lambda look: look != 30, LIMITS) is None  # not any more
    assert history.lasting(30, lambda look: look % 3 != 1, LIMITS) is None  # not often enough
    assert history.lasting(30, lambda look: True, LIMITS) == range(31)


def test_falling_compares_the_halves_of_a_window(rows):
    history = History(rows(energy_distance=lambda share, look: 1.0 - share))
    window = range(20, 30)
    assert history.falling(window, "collapse/energy_distance", 0.9)
    assert not history.falling(window, "collapse/energy_distance", 0.5)
    assert not history.falling(window, "collapse/unknown", 0.9)
