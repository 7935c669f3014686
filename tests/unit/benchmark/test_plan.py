"""Settings: budgets, digests, folders, and how paths are typed."""

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.benchmarks import make_setting
from hydra.core.override_parser.overrides_parser import OverridesParser

from gan_zoo.benchmark import plan
from gan_zoo.benchmark.options import Options
from gan_zoo.benchmark.plan import compose_setting, compose_settings, real_job, report_jobs, tuning_jobs
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.errors import UserError


def setting(method: str = "js", **options):
    return compose_setting(configuration_folder(), "ring", method, Options(("ring",), **options))


def test_the_budget_multiplies_generator_steps() -> None:
    whole, tenth = setting(), setting(budget=0.1)
    assert tenth.generator_steps == whole.generator_steps // 10
    (job,) = report_jobs([tenth], {"js": 1e-3}, (0,), Path("out"))
    assert f"benchmark.generator_steps={tenth.generator_steps}" in job.overrides
    assert setting(budget=1e-6).generator_steps == 1


def test_rates_are_chosen_by_shorter_runs_in_folders_of_their_own() -> None:
    quarter = setting(tuning_budget=0.25)
    first = tuning_jobs([quarter], Path("out"))[0]
    assert f"benchmark.generator_steps={quarter.generator_steps // 4}" in first.overrides
    assert first.folder != tuning_jobs([setting()], Path("out"))[0].folder
    assert quarter.digest == setting().digest  # what is reported stays what it was


def test_the_digest_knows_what_a_run_computes() -> None:
    digests = [setting(), setting("lsgan"), setting(budget=0.5), setting(trainer="gpu")]
    assert len({each.digest for each in digests}) == 4
    assert setting().digest == setting(seeds=(5,), jobs=1, out=Path("elsewhere")).digest


def test_methods_must_have_equally_many_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"js": make_setting("js"), "best": replace(make_setting("best"), rates=(1e-3,))}
    monkeypatch.setattr(plan, "compose_setting", lambda folder, suite, method, options: made[method])
    with pytest.raises(UserError, match="js 2, best 1"):
        compose_settings(Path("conf"), "ring", Options(("ring",), ("js", "best")))


def test_costly_methods_spread_over_the_tuning_jobs() -> None:
    jobs = tuning_jobs([make_setting("js"), make_setting("best")], Path("out"))
    assert [(job.method, job.rate) for job in jobs] == [
        *(("js", 1e-3), ("best", 1e-3), ("js", 3e-3), ("best", 3e-3))
    ]


def test_only_methods_with_a_rate_are_reported() -> None:
    jobs = report_jobs([make_setting("js"), make_setting("best")], {"best": 3e-3}, (0, 1), Path("out"))
    assert [(job.method, job.rate, job.seed, job.tuning) for job in jobs] == [
        *(("best", 3e-3, 0, False), ("best", 3e-3, 1, False))
    ]


def test_real_data_have_a_folder_of_their_own() -> None:
    job = real_job(make_setting("js"), Path("out"))
    assert job.folder == Path("out/ring/real_data/0123abcd")
    assert job.data == {"name": "ring"}


@pytest.mark.parametrize("out", ["my runs", "a,b=c", "it's", "[x]{y}"])
def test_any_folder_can_be_typed(out: str) -> None:
    job = tuning_jobs([make_setting("js")], Path(out))[0]
    typed = [each for each in job.overrides if each.startswith("hydra.")]
    parsed = {each.key_or_group: each.value() for each in OverridesParser.create().parse_overrides(typed)}
    assert Path(parsed["hydra.sweep.dir"]) / str(parsed["hydra.sweep.subdir"]) == job.folder
