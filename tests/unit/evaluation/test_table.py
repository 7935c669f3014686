from gan_zoo.evaluation.evaluate import Evaluation
from gan_zoo.evaluation.record import Record
from gan_zoo.evaluation.table import WIDTH, table


def record(name="fd/pixels-8x8-64@12345678", value=5.0, floor=1.0, ceiling=9.0, direction="lower", ideal=0.0):
    return Record(name, "frechet_distance", value, floor, ceiling, direction, ideal)


def test_columns_are_aligned_and_every_direction_is_named():
    records = [
        record(),
        record("ndb", 0.05, 0.04, 1.0),
        record("coverage", 0.9, 0.97, 0.1, "higher", 1.0),
        record("nn_accuracy", 0.61, 0.5, 1.0, "near", 0.5),
        record("ms_ssim", 0.2, 0.21, 0.9, "near", None),
        record("not_finite", None, None, None),
    ]
    lines = table(Evaluation(records)).splitlines()
    assert lines[0].split() == ["metric", "value", "floor", "ceiling", "floor..ceiling", "better"]
    ends = [
        line.index(word) + len(word)
        for line, word in ((lines[0], "value"), (lines[2], " 5"), (lines[3], "0.05"))
    ]
    assert len(set(ends)) == 1
    assert [line.split()[-1] for line in lines[2:5]] == ["lower", "lower", "higher"]
    assert lines[5].endswith("near 0.5")
    assert lines[6].endswith("as floor")
    assert lines[7].split()[1:4] == ["-", "-", "-"]


def test_the_mark_shows_where_a_value_lies():
    lines = table(Evaluation([record(value=1.0), record(value=9.0), record(value=0.0), record(value=99.0)]))
    marks = [line.split()[4] for line in lines.splitlines()[2:]]
    assert marks == ["|o--------|", "|--------o|", "o|---------|", "|---------|o"]


def test_the_widest_table_fits():
    name = "nn_accuracy_fake/" + "x" * 80 + "@12345678"
    wide = record(name, -1.234567e-5, -1.234567e-5, -9.87654e-5, "near", 0.5)
    text = table(Evaluation([wide, record(value=-3.0)], {"ms_ssim": "it is " + "very " * 60 + "small"}))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "…@12345678" in text
    assert text.count("not measured: ms_ssim: it is very") == 1


def test_failures_alone():
    assert table(Evaluation(failures={"ndb": "no\n  luck"})) == "not measured: ndb: no luck"


def test_a_number_that_should_be_near_something_is_not_better_on_its_other_side():
    """Copied samples have a nearest-neighbor accuracy of 0 where .5 is best."""
    copied = record("nn_accuracy", 0.0, 0.52, 1.0, "near", 0.5)
    alike = record("ms_ssim", 0.1, 0.2, 0.9, "near", None)
    at_best = record("nn_accuracy", 0.5, 0.52, 1.0, "near", 0.5)
    marks = [line.split()[4] for line in table(Evaluation([copied, alike, at_best])).splitlines()[2:]]
    assert marks == ["|--------o|", "|-o-------|", "o|---------|"]


def test_warnings_stand_below_the_table():
    lines = table(Evaluation([record()], {"ndb": "no"}, warnings=["7 samples"])).splitlines()
    assert lines[-2:] == ["warning: 7 samples", "not measured: ndb: no"]
