"""A hand-written WGAN-GP loop, against which the game is compared bit for bit."""

import torch


def train(generator, discriminator, batches, latents, shares, critic_steps, optimizer):
    """Train both networks in place.

    Args:
        batches: reals `[B, D]`, one per critic step.
        latents: function (player, step) -> latents.
        shares: function step -> interpolation shares `[B, 1]`.
        critic_steps: per generator step.
        optimizer: function parameters -> optimizer.
    """
    optimizers = {
        "generator": optimizer(generator.parameters()),
        "discriminator": optimizer(discriminator.parameters()),
    }
    for step, real in enumerate(batches):
        with torch.no_grad():
            fake = generator(latents("discriminator", step))
        between = (real + shares(step) * (fake - real)).requires_grad_()
        loss = (discriminator(fake).score - discriminator(real).score).mean()
        (slope,) = torch.autograd.grad(discriminator(between).score.sum(), between, create_graph=True)
        loss = loss + 10.0 * (slope.square().sum(1).sqrt() - 1.0).square().mean()
        optimizers["discriminator"].zero_grad()
        loss.backward()
        optimizers["discriminator"].step()
        if (step + 1) % critic_steps == 0:
            loss = -discriminator(generator(latents("generator", step // critic_steps))).score.mean()
            optimizers["generator"].zero_grad()
            loss.backward()
            optimizers["generator"].step()
