"""The two views of a project: its runs one by one, and a sweep at a glance."""

from __future__ import annotations

from gan_zoo.dashboard.contents import (
    Bars,
    Comparer,
    Curves,
    Parallel,
    Pictures,
    Plane,
    Rows,
    Section,
    View,
)

ENERGY, DIVERSITY, COVERAGE = "collapse/energy_distance", "collapse/diversity", "collapse/coverage"
RESULTS = (ENERGY, DIVERSITY, COVERAGE)  # of every run, whatever its data and metrics
SETTINGS = ("model.name", "loss.name", "optimizer.lr", "batch_size", "turns.critic_steps", "seed")

SAMPLES = Section(
    "samples",
    (
        Pictures("Samples", ("samples/grid", "samples/plane")),
        Pictures("Real data", ("samples/real",)),
        Pictures("By class", ("samples/classes",)),
        Pictures("By resolution", tuple(f"samples/stage_{2**power}px" for power in range(2, 11))),
    ),
    columns=2,
)
LOSSES = Section(
    "generator and discriminator",
    (Curves("Generator", ("generator/*",)), Curves("Discriminator", ("discriminator/*",))),
    columns=2,
)
COLLAPSE = Section(
    "collapse",
    (
        Curves("Diversity (1: as the data)", (DIVERSITY, "collapse/diversity_live"), low=0.0),
        Curves("Coverage of the data", (COVERAGE, "collapse/coverage_of_reals"), low=0.0, high=1.0),
        Curves("Energy distance (0: alike)", (ENERGY, "collapse/energy_distance_live")),
        Curves("Modes", ("collapse/modes", "collapse/modes_of_data"), low=0.0),
        Curves("Different bins (NDB)", ("collapse/ndb", "collapse_floor/ndb"), low=0.0),
        Curves("Alarm: since which kimg", ("alarm/*",)),
        Rows("collapse/ndb_bins"),
    ),
)
VITALS = Section(
    "vitals",
    (
        Curves("Logit gap", ("vitals/logit_gap",)),
        Curves(
            "Accuracy of the discriminator",
            ("vitals/accuracy_fake", "vitals/accuracy_train", "vitals/accuracy_held_out"),
            low=0.0,
            high=1.0,
        ),
        Curves("Separation, overfitting", ("vitals/separation", "vitals/overfitting"), low=0.0, high=1.0),
        Curves(
            "Gradients", ("vitals/generator_gradient_norm", "vitals/discriminator_gradient_norm"), log=True
        ),
        Curves("Weights", ("vitals/generator_weight_norm", "vitals/discriminator_weight_norm"), log=True),
        Curves("Updates", ("vitals/generator_update_ratio", "vitals/discriminator_update_ratio"), log=True),
        Pictures("Logits", ("vitals/logits_fake", "vitals/logits_train", "vitals/logits_held_out")),
    ),
)
QUALITY = Section("quality", (Curves("Quality", ("quality/*",)), Curves("Real data", ("quality_floor/*",))))
SPEED = Section(
    "speed and progress",
    (
        Curves("Images per second", ("speed/images_per_second",), low=0.0),
        Curves("Level of growth", ("progress/level", "progress/fade"), low=0.0),
    ),
    is_open=False,
)
COMPARED = Section("comparison", (Comparer(),), columns=1, is_open=False)

METHODS = Section(
    "methods",
    (
        Bars("Energy distance", ENERGY),
        Bars("Diversity", DIVERSITY),
        Bars("Coverage", COVERAGE),
        Plane("Quality against diversity", ENERGY, DIVERSITY),
        Parallel("Settings and results", SETTINGS, RESULTS),
    ),
    columns=2,
)
COMPARED_CURVES = Section(
    "curves",
    (
        Curves("Energy distance", (ENERGY,)),
        Curves("Diversity", (DIVERSITY,), low=0.0),
        Curves("Coverage of the data", (COVERAGE,), low=0.0, high=1.0),
        Curves("Quality", ("quality/*",)),
        *LOSSES.panels,
    ),
)
COMPARED_SAMPLES = Section(
    "samples", (Pictures("Samples", ("samples/grid", "samples/plane"), by_run=True),), columns=1
)

RUNS = View(
    name="runs",
    sections=(SAMPLES, COLLAPSE, QUALITY, LOSSES, VITALS, SPEED, COMPARED),
    table=("run:state", "config:method", "config:data.name", "config:seed", "summary:progress/kimg"),
)
SWEEP = View(
    name="sweep",
    sections=(METHODS, COMPARED_CURVES, COMPARED_SAMPLES, COMPARED),
    table=("run:state", "config:method", "config:seed", *(f"summary:{key}" for key in RESULTS)),
    group_by="method",
    completes=False,
    most_runs=100,
)
VIEWS = {view.name: view for view in (RUNS, SWEEP)}
