"""What the table says, and that it can be put into a document."""

import csv
import io
from dataclasses import replace

from gan_zoo.benchmark.suites import Figure
from gan_zoo.benchmark.table import comma_separated, markdown, spread


def test_the_table_holds_means_seeds_goals_papers_and_failures(results) -> None:
    text = markdown([results], ["Command: `x`"])
    assert "- Command: `x`" in text
    assert "2,000 steps of the generator in batches of 128" in text
    assert "| `js` | 7.5 ± 0.7 | 90.0 ± 0.0 |" in text
    assert "| 0.001 | 10 | 2 |" in text
    assert "| real data | 8 |" in text
    assert "| `js` | 7 / 90.0 / 0.0100 / 1.00 / 1.00 | 8 / 90.0 / 0.0100 / 1.00 / 1.00 |" in text
    assert "| `best` | 8 / 90.0 / 0.0005 / 1.00 / 1.00 | failed |" in text
    assert "high quality % at least 98" in text
    assert "missed by 1 of 1 seeds" in text
    assert "| PacGAN4 | 7.8 ± 0.1 | 95.9 ± 1.4 | 0.07 ± 0.02 |" in text
    assert "- ring, best, rate 0.003, seed 1: the disk is full" in text


def test_a_budget_or_batch_of_a_method_s_own_is_named(results) -> None:
    results.settings[1] = replace(results.settings[1], batch_size=256, generator_steps=8000)
    text = markdown([results], [])
    assert "2,000 (`best`: 8,000) steps of the generator in batches of 128 (`best`: 256);" in text
    assert "chosen by 1,000 steps on seed" in text


def test_rates_that_could_not_be_told_apart_are_named(results) -> None:
    assert "All rates scored the same while tuning, and the smallest was taken: `js`, `best`." in markdown(
        [results], []
    )
    results.tuning[0]["figures"]["kl"] = 0.02
    assert "smallest was taken: `best`." in markdown([results], [])
    results.tuning[3]["figures"]["modes"] = 7
    assert "smallest was taken" not in markdown([results], [])


def test_goals_that_every_seed_reaches_are_met(results) -> None:
    results.reported[-1]["figures"]["high_quality"] = 0.985
    assert "**met by every seed**" in markdown([results], [])


def test_every_run_is_a_row_of_the_csv(results) -> None:
    rows = list(csv.DictReader(io.StringIO(comma_separated([results]))))
    purposes = [row["purpose"] for row in rows]
    assert [purposes.count(kind) for kind in ("tuning", "report", "real data", "failed")] == [4, 3, 1, 1]
    assert purposes.count("published") == 9
    reported = next(row for row in rows if row["purpose"] == "report")
    assert (reported["method"], reported["modes"], reported["goals_met"]) == ("js", "7", "False")
    assert next(row for row in rows if row["purpose"] == "failed")["note"] == "the disk is full"


def test_means_leave_out_what_is_missing() -> None:
    figure = Figure("kl", "KL", 2)
    assert spread(figure, [{"kl": 1.0}, {"kl": None}]) == "1.00"
    assert spread(figure, [{"kl": None}]) == "-"
    assert spread(figure, [{"kl": 1.0}, {"kl": 2.0}, {"kl": 3.0}]) == "2.00 ± 1.00"
