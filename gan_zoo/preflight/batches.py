"""Batch sizes against groups, packs and pieces."""

from collections.abc import Iterator

from gan_zoo.preflight.base import Finding, Subject, check
from gan_zoo.stabilizers.minibatch_stddev import MinibatchStddev


@check
def batch_sizes(s: Subject) -> Iterator[Finding]:
    """[R16, R37] Groups and pieces must divide the batch, at every level of growth."""
    game = s.game
    sizes = {game.rules.batch_size}
    if game.growth is not None:
        sizes = {game.growth.batch_at_level(i, game.rules.batch_size) for i in range(len(game.growth.levels))}
    for size in sorted(sizes):
        pieces = game.rules.accumulation
        if size % pieces:
            yield Finding(
                f"optimizer.accumulation={pieces} does not divide batch_size={size}; choose a divisor."
            )
            continue
        piece = size // pieces
        for _, module in s.discriminator.named_modules():
            group = getattr(module, "group_size", 0) if isinstance(module, MinibatchStddev) else 0
            if group and piece % min(group, piece):
                yield Finding(
                    f"minibatch_stddev needs batches of a multiple of group_size={group}, got {piece}. "
                    f"Type batch_size={max(1, size // group) * group * pieces}."
                )
        mixing = [name for name in ("minibatch_stddev", "minibatch_discrimination") if s.has(name)]
        if piece == 1 and mixing:
            yield Finding(
                f"{mixing[0]} compares samples of a batch, but batches hold one. Type batch_size=4 or more."
            )
    if s.train_images < max(sizes) * game.packs:
        yield Finding(
            f"A batch holds {max(sizes) * game.packs} images, the data only {s.train_images}: some appear "
            f"twice.",
            is_error=False,
        )
