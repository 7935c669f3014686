"""What we understand on the command line beyond Hydra's grammar.

`stabilizer=[a,~b]` means: with a, without b. `experiment=null` means: none. With `plugins=[my_package]` the
choice `loss=my_loss` needs no configuration file.
"""

import re

from gan_zoo.config.grammar import LISTS
from gan_zoo.errors import UserError

OPTIONAL = ("experiment", "benchmark", "method", "debug")
COMPONENTS = ("loss", "data", "optimizer", *LISTS)
FLAGS_WITH_VALUE = (
    "--cfg",
    "-c",
    "--package",
    "-p",
    "--config-path",
    "-cp",
    "--config-name",
    "-cn",
    "--config-dir",
    "-cd",
)


def translate(arguments: list[str]) -> list[str]:
    """Return arguments that Hydra understands, flags last.

    Raises:
        UserError: if `~` stands in a sweep over several lists.

    Example:
        >>> translate(["stabilizer=[ema,~packing]", "seed=1"])
        ['stabilizer=[ema]', 'seed=1', 'remove.stabilizer=[packing]']
    """
    kept: list[str] = []
    removed: dict[str, list[str]] = {group: [] for group in LISTS}
    flags, options = flags_apart(arguments)
    for argument in options:
        group, _, value = argument.partition("=")
        if group in OPTIONAL and value in ("null", "none", ""):
            continue
        if group in LISTS and "~" in value:
            wanted, unwanted = _split(group, value)
            removed[group] += unwanted
            if wanted:
                kept.append(f"{group}=[{','.join(wanted)}]")
        elif argument.startswith("remove."):
            removed[_removed_group(argument)] += _members(value)
        else:
            kept.append(argument)
    left_out = [f"remove.{group}=[{','.join(names)}]" for group, names in removed.items() if names]
    return kept + left_out + flags


def flags_apart(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return flags with their values, and options; Hydra's parser refuses options on both sides of a flag."""
    flags: list[str] = []
    options: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        option = ("=" in argument or argument.startswith("~")) and not argument.startswith("-")
        (options if option and before not in FLAGS_WITH_VALUE else flags).append(argument)
    return flags, options


def _removed_group(argument: str) -> str:
    group = argument.partition("=")[0].removeprefix("remove.")
    if group not in LISTS:
        raise UserError(f"Unknown key 'remove.{group}'. Known: remove.regularizer, remove.stabilizer.")
    return group


def _members(value: str) -> list[str]:
    inner = value.strip().removeprefix("[").removesuffix("]")
    return [member.strip().strip("\"'") for member in inner.split(",") if member.strip()]


def _split(group: str, value: str) -> tuple[list[str], list[str]]:
    alone = re.fullmatch(r"~\s*[\w-]+", value.strip())
    if not alone and not re.fullmatch(r"\[[^\[\]]*\]", value.strip()):
        raise UserError(
            f"{group}={value}: '~' needs one list, as in {group}=[a,~b]. In a sweep over lists type "
            f"remove.{group}=[b] instead."
        )
    members = _members(value)
    left_out = [member[1:].strip() for member in members if member.startswith("~")]
    return [member for member in members if not member.startswith("~")], left_out


def plugins(arguments: list[str]) -> list[str]:
    """Return the modules that `plugins=` names.

    Example:
        >>> plugins(["seed=1", "plugins=[my_package]"])
        ['my_package']
    """
    values = [argument.split("=", 1)[1] for argument in arguments if re.match(r"\+{0,2}plugins=", argument)]
    return _members(values[-1]) if values else []


def chosen_parts(arguments: list[str]) -> list[tuple[str, str]]:
    """Return (group, name) of every part that is asked for, in sweeps and lists too.

    Example:
        >>> chosen_parts(["loss=js,mine", "stabilizer=[ema]", "loss.weight=1"])
        [('loss', 'js'), ('loss', 'mine'), ('stabilizer', 'ema')]
    """
    pairs = (argument.partition("=") for argument in arguments)
    wanted = [(group, value) for group, _, value in pairs if group in COMPONENTS]
    return [(group, name) for group, value in wanted for name in re.findall(r"[A-Za-z_][\w-]*", value)]
