"""Losses and regularizers that need something the networks or data must have."""

from collections.abc import Iterator

from gan_zoo.preflight.base import Finding, Subject, check


@check
def score_kind(s: Subject) -> Iterator[Finding]:
    """[R27-R29] A loss is right for certain kinds of score only."""
    kind = s.discriminator.score_kind
    if kind not in s.loss.score_kinds:
        yield Finding(
            f"loss={s.loss_name} expects a score of kind {' or '.join(s.loss.score_kinds)}, the "
            f"discriminator gives a {kind}: on (0, 1) hinge and logit losses lose their meaning. "
            f"Type model.discriminator.output=linear."
        )


@check
def labels(s: Subject) -> Iterator[Finding]:
    """[R33] Conditional parts need labels, and a head to judge them."""
    needing = [name for name, regularizer in s.regularizers.items() if regularizer.needs_labels]
    if needing and s.game.rules.labels == "none":
        yield Finding(
            f"{needing[0]} needs labels, this model uses none. Type model.labels=batch with a labeled data "
            f"set and a model that takes labels, such as model=acgan, or 'regularizer=[~{needing[0]}]'."
        )
    elif needing and "classes" not in s.output.heads:
        yield Finding(
            f"{needing[0]} needs a discriminator with a class head; this one has none. "
            f"Type model=acgan or model=pggan, or 'regularizer=[~{needing[0]}]'."
        )


@check
def features(s: Subject) -> Iterator[Finding]:
    """Feature matching needs features."""
    if "feature_matching" in s.regularizers and not s.output.features:
        yield Finding("feature_matching needs a discriminator that returns features; this one returns none.")


@check
def mode_seeking_cap(s: Subject) -> Iterator[Finding]:
    """[R44] The term is 1e5 at full collapse."""
    term = s.regularizers.get("mode_seeking")
    if term is not None and getattr(term, "cap", None) is None:
        yield Finding(
            "mode_seeking reaches 1e5 if all fakes are equal; regularizer.mode_seeking.cap bounds it.", False
        )
