import json

import pytest

from gan_zoo.diagnosis import Diagnosis, Finding, History, Remedy, Thresholds, diagnose

COLLAPSED = {"diversity": 0.05, "energy_distance": 0.6}


def sick_between(*spans):
    """Return a planted collapse within looks."""

    def inside(look):
        return any(first <= look < last for first, last in spans)

    return {
        "diversity": lambda share, look: 0.05 if inside(look) else 1.0,
        "energy_distance": lambda share, look: 0.6 if inside(look) else 0.02,
    }


def test_a_finding_is_told_once_and_anew_when_it_comes_back(rows):
    found = diagnose(History(rows(**sick_between((15, 27), (38, 51)))))
    assert [(finding.kind, finding.since_kimg) for finding in found] == [
        ("collapse", 30.0),
        ("collapse", 76.0),
    ]


def test_a_growing_history_gives_the_findings_of_the_whole_one(rows):
    made = rows(**sick_between((15, 27)), overfitting=lambda share, look: 0.5 + 0.5 * share)
    diagnosis = Diagnosis()
    told = [finding for row in made for finding in diagnosis.add(row)]
    assert told == diagnosis.findings == diagnose(History(made))
    assert [finding.kind for finding in told] == ["collapse", "memorization"]


def test_what_follows_from_something_worse_is_not_told(rows):
    found = diagnose(History(rows(**COLLAPSED, coverage=0.1)))
    assert [finding.kind for finding in found] == ["collapse"]


def test_after_going_back_the_same_failure_is_told_again(rows):
    made = rows(**COLLAPSED)
    diagnosis = Diagnosis()
    for row in made[:20]:
        diagnosis.add(row)
    diagnosis.rewind(made[5]["progress/kimg"], ["r1"])
    assert len(diagnosis.history) == 5
    again = [finding for row in made[5:20] for finding in diagnosis.add(row)]
    assert [finding.kind for finding in diagnosis.findings] == ["collapse", "collapse"]
    assert diagnosis.findings[0].remedies[0].override.startswith("regularizer=[r1]")
    assert not any("[r1]" in remedy.override for remedy in again[0].remedies)


def test_remedies_that_the_run_has_are_left_out(rows):
    history = History(rows(**COLLAPSED))
    (plain,), (other,) = diagnose(history), diagnose(history, parts=["r1", "packing"])
    assert len(other.remedies) == len(plain.remedies) - 2
    assert other.evidence == plain.evidence


def test_the_faster_player_is_slowed_to_the_other(rows):
    history = History(rows(**COLLAPSED, generator_lr=4e-3, discriminator_lr=1e-3))
    (finding,) = diagnose(history)
    assert "optimizer.generator.lr=0.001" in [remedy.override for remedy in finding.remedies]
    (finding,) = diagnose(History(rows(**COLLAPSED)))
    both = "optimizer.generator.lr=0.0005 optimizer.discriminator.lr=0.0005"
    assert both in [remedy.override for remedy in finding.remedies]
    (finding,) = diagnose(History(rows(**COLLAPSED, generator_lr=None)))
    assert not any("optimizer.generator.lr" in remedy.override for remedy in finding.remedies)


def test_thresholds_are_arguments(rows):
    history = History(rows(diversity=0.5, energy_distance=0.6))
    assert diagnose(history) == []
    assert [f.kind for f in diagnose(history, Thresholds(diversity=0.6))] == ["collapse"]


def test_findings_are_plain_data_and_readable():
    remedy = Remedy("regularizer=[r1] regularizer.r1.weight=1", "why")
    finding = Finding("partial_mode_loss", 1.25, 3.0, "evidence.", (remedy,))
    assert json.loads(json.dumps(finding.to_plain())) == finding.to_plain()
    assert finding.lines() == [
        "Partial mode loss since 1.2 kimg (seen at 3.0): evidence.",
        "  try 'regularizer=[r1]' regularizer.r1.weight=1   why",
    ]


def test_no_torch_is_imported():
    import subprocess
    import sys

    code = "import sys, gan_zoo.diagnosis; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_histories_too_short_for_anything(rows, count):
    assert diagnose(History(rows(not_finite=1.0, **COLLAPSED)[:count])) == [] or count == 2
