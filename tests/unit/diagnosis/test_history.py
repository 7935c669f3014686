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


def test_steps_that_were_skipped_between_looks_are_no_looks(tmp_path, rows):
    path, made = tmp_path / "metrics.csv", rows(diversity=0.05, energy_distance=0.6)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*made[0], "vitals/generator_skipped_steps"])
        writer.writeheader()
        for row in made:
            writer.writerow(row)
            writer.writerow(
                {"progress/kimg": row["progress/kimg"] + 0.5, "vitals/generator_skipped_steps": 3}
            )
    history = History.from_csv(path)
    assert len(history) == len(made)
    assert diagnose(history) == diagnose(History(made)) != []


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


def test_rows_of_one_kimg_are_one_look(tmp_path, rows):
    made, split = rows(diversity=0.05, energy_distance=0.6), []
    for row in made:
        names = [name for name in row if name != "progress/kimg"]
        split += [
            {"progress/kimg": row["progress/kimg"], **{name: row[name] for name in part}}
            for part in (names[::3], names[1::3], names[2::3])
        ]
    path = table(tmp_path / "a.csv", split, [*made[0]])
    assert History.from_csv(path).rows == made
    again = [{**row, "collapse/diversity": 0.5} for row in made[:3]]  # the later number counts
    twice = [row for pair in zip(made[:3], again, strict=True) for row in pair]
    assert History.from_csv(table(tmp_path / "b.csv", twice)).rows == again


def test_rows_that_go_back_are_not_put_together_with_what_they_replace(tmp_path, rows):
    made = rows()
    back = [{name: value for name, value in row.items() if "drift" not in name} for row in made[10:]]
    path = table(tmp_path / "a.csv", [*made[:20], *back], [*made[0]])
    assert History.from_csv(path).rows == [*made[:10], *back]


def test_the_mark_that_excel_begins_with_is_no_part_of_the_first_name(tmp_path):
    path = table(tmp_path / "a.csv", plain(20))
    expected = History.from_csv(path).rows
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert History.from_csv(path).rows == expected


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


def table(path, rows, names=None):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names or list(rows[0]))
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


NAN = math.nan


def watched(at, **signs):
    """Return a look of a table of other origin; signs are of D, and those that are None are empty."""
    found = {f"vitals/{name}": value for name, value in signs.items() if value is not None}
    return {"progress/kimg": float(at), "vitals/accuracy_fake": 0.7, **found}


def spans(tmp_path, rows):
    """Return where divergence is found in a table, from and at which kimg, and what else is."""
    names = list({name: None for row in rows for name in row})
    found = diagnose(History.from_csv(table(tmp_path / "a.csv", rows, names)))
    return [(finding.kind, finding.since_kimg, finding.at_kimg) for finding in found]


@pytest.mark.parametrize("sign", ["separation", "logit_gap", "overfitting", "generator_weight_norm"])
def test_signs_whose_cells_are_empty_from_some_look_on_are_a_divergence(tmp_path, sign):
    rows = [watched(at, **{sign: 0.7 if at < 6 else None}) for at in range(9)]
    assert spans(tmp_path, rows) == [("divergence", 6.0, 7.0)]


@pytest.mark.parametrize(
    "there",
    [
        lambda at: at % 2 == 0,  # at every other look
        lambda at: at % 3 == 0 and at < 20,  # the last cells are empty, as were others before
        lambda at: at == 0,  # once
        lambda at: at > 3,  # not at first
        lambda at: at not in (7, 8, 9),  # gone and back
        lambda at: at < 29,  # not at the last look, which may be torn
        lambda at: False,
    ],
)
def test_empty_cells_of_signs_that_are_measured_less_often_are_none(tmp_path, there):
    rows = [watched(at, separation=0.7 if there(at) else None) for at in range(30)]
    assert spans(tmp_path, rows) == []


def test_empty_cells_of_unknown_columns_are_no_divergence(tmp_path):
    rows = [watched(at, generator_skipped_steps=7.0 if at in (3, 4) else None) for at in range(9)]
    assert spans(tmp_path, rows) == []


def test_rows_without_any_sign_at_the_end_are_a_divergence(tmp_path):
    """A table of `collapse/` alone whose signs are all NaN, written as empty cells."""
    rows = plain(50, sick_from=1.0)
    rows[30:] = [{"progress/kimg": row["progress/kimg"]} for row in rows[30:]]
    assert spans(tmp_path, rows) == [("divergence", 120.0, 124.0)]


@pytest.mark.parametrize("other", [{"generator/js": 0.5}, {"evaluation/fid": 7.0}])
def test_rows_of_other_numbers_at_the_end_are_no_looks(tmp_path, other):
    rows = [row | {"generator/js": 0.5} for row in plain(50, sick_from=1.0)]
    rows[30:] = [{"progress/kimg": row["progress/kimg"]} | other for row in rows[30:]]
    assert spans(tmp_path, rows) == []


def test_rows_between_looks_are_no_looks(tmp_path):
    rows = [row if at % 3 == 0 else {"progress/kimg": float(at)} for at, row in enumerate(plain(48, 1.0))]
    for at, row in enumerate(rows):
        row["progress/kimg"] = float(at)
    assert spans(tmp_path, rows) == []


@pytest.mark.parametrize(
    "name",
    [
        "vitals/logit_gap", "vitals/generator_gradient_norm", "collapse/diversity",
        "collapse/energy_distance", "generator/js", "discriminator/js",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [NAN, math.inf])
def test_what_is_never_finite_is_a_divergence(tmp_path, name, value):
    rows = [watched(at, separation=0.7) | {name: value} for at in range(9)]
    assert spans(tmp_path, rows) == [("divergence", 0.0, 1.0)]


def test_losses_that_turn_to_nan_are_a_divergence(tmp_path):
    rows = []
    for at in range(9):  # in rows of their own
        rows += [watched(at), {"progress/kimg": float(at), "generator/js": 0.5 if at < 6 else NAN}]
    assert spans(tmp_path, rows) == [("divergence", 6.0, 7.0)]


@pytest.mark.parametrize("name", ["overfitting", "accuracy_held_out"])
def test_what_needs_held_out_data_may_never_be_finite(tmp_path, name):
    assert spans(tmp_path, [watched(at, **{name: NAN}) for at in range(9)]) == []


def test_no_gradient_at_the_first_look_is_no_divergence(tmp_path):
    rows = [watched(at, generator_gradient_norm=1.0 if at else NAN) for at in range(9)]
    assert spans(tmp_path, rows) == []


@pytest.mark.parametrize("diversity", ["collapse/diversity", "collapse/diversity_live"])
def test_diversity_alone_is_enough_for_collapse(tmp_path, diversity):
    rows = [{"progress/kimg": 4.0 * at, diversity: 0.02} for at in range(50)]
    (finding,) = diagnose(History.from_csv(table(tmp_path / "a.csv", rows)))
    assert (finding.kind, finding.since_kimg) == ("collapse", 0.0)
    assert "2.0 % as far apart as reals" in finding.evidence
    assert "is not known without collapse/energy_distance" in finding.evidence
    assert "nan" not in finding.evidence
    healthy = [{**row, diversity: 0.9} for row in rows]
    assert diagnose(History.from_csv(table(tmp_path / "a.csv", healthy))) == []


def test_numbers_of_other_callbacks_make_no_looks(tmp_path):
    rows = [{"progress/kimg": 1.0, "collapse/ndb": 0.5, "collapse/coverage/pixels@1": 0.5}]
    with pytest.raises(UserError, match="no vital signs"):
        History.from_csv(table(tmp_path / "a.csv", rows))


def test_tables_of_our_runs_are_left_as_they_are(rows):
    made = rows()
    made.insert(1, {"progress/kimg": 1.0, "generator/js": 0.5})
    assert completed(made) == made
