import csv
import math

import pytest

from gan_zoo.diagnosis import History, Thresholds, diagnose
from gan_zoo.diagnosis.tables import completed
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


def table(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def plain(looks, sick_from=0.2):
    """Return a bare table of a run that collapses, without what only our own runs write."""
    return [
        {
            "progress/kimg": 200.0 * look / looks,
            "collapse/diversity": 0.9 if look < sick_from * looks else 0.02,
            "collapse/energy_distance": 0.05 if look < sick_from * looks else 0.9,
        }
        for look in range(looks)
    ]


@pytest.mark.parametrize("looks", [8, 10, 13, 17, 20, 50, 500])
@pytest.mark.parametrize("more", [{}, {"vitals/logit_gap": 0.3}])
def test_a_bare_table_is_judged_by_its_own_last_kimg(tmp_path, looks, more):
    rows = [{**row, **more} for row in plain(looks)]
    (finding,) = diagnose(History.from_csv(table(tmp_path / "bare.csv", rows)))
    assert finding.kind == "collapse"
    healthy = [{**row, **more} for row in plain(looks, sick_from=1.0)]
    assert diagnose(History.from_csv(table(tmp_path / "bare.csv", healthy))) == []


def test_a_table_is_too_short_to_be_judged(tmp_path):
    lengths = [len(plain(looks)) for looks in range(2, 9)]
    judged = [
        History.from_csv(table(tmp_path / "t.csv", plain(looks))).can_be_judged(LIMITS) for looks in lengths
    ]
    assert judged == [False] * 4 + [True] * 3


def test_signs_that_turn_to_nan_are_a_divergence(tmp_path):
    rows = [
        {"progress/kimg": float(look), "vitals/separation": 0.7, "vitals/never": math.nan}
        for look in range(9)
    ]
    assert diagnose(History.from_csv(table(tmp_path / "a.csv", rows))) == []
    for row in rows[6:]:
        row["vitals/separation"] = math.nan
    (finding,) = diagnose(History.from_csv(table(tmp_path / "a.csv", rows)))
    assert (finding.kind, finding.since_kimg, finding.at_kimg) == ("divergence", 6.0, 7.0)


def test_numbers_of_other_callbacks_make_no_looks(tmp_path):
    rows = [{"progress/kimg": 1.0, "collapse/ndb": 0.5, "collapse/coverage/pixels@1": 0.5}]
    with pytest.raises(UserError, match="no vital signs"):
        History.from_csv(table(tmp_path / "a.csv", rows))


def test_tables_of_our_runs_are_left_as_they_are(rows):
    made = rows()
    made.insert(1, {"progress/kimg": 1.0, "generator/js": 0.5})
    assert completed(made) == made
