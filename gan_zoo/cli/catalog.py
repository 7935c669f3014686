"""What there is to choose, read from the first comment of each configuration file."""

from pathlib import Path

from gan_zoo.errors import UserError, did_you_mean

PACKAGE = Path(__file__).resolve().parent.parent


def configuration_folder() -> Path:
    """Return the folder of the configuration files: inside an installed package, or beside it in a checkout.

    Raises:
        UserError: if there is none.
    """
    for folder in (PACKAGE / "conf", PACKAGE.parent / "conf"):
        if (folder / "train.yaml").is_file():
            return folder
    raise UserError(f"No configuration files beside {PACKAGE}; install the package again.")


def groups() -> dict[str, list[str]]:
    """Return the choices of every group, sorted."""
    folders = sorted(path for path in configuration_folder().iterdir() if any(path.glob("*.yaml")))
    return {folder.name: sorted(path.stem for path in folder.glob("*.yaml")) for folder in folders}


def about(group: str, choice: str) -> str:
    """Return the first comment of a configuration file, or an empty text."""
    lines = (configuration_folder() / group / f"{choice}.yaml").read_text(encoding="utf-8").splitlines()
    comments = (line.lstrip("# ").strip() for line in lines if line.startswith("#"))
    return next((comment for comment in comments if not comment.startswith("@package")), "")


def catalog(wanted: list[str]) -> str:
    """Return a table of all groups, or of the `wanted` ones.

    Raises:
        UserError: for an unknown group.
    """
    known = groups()
    for group in wanted:
        if group not in known:
            raise UserError(f"Unknown group '{group}'. {did_you_mean(group, known)}")
    lines = []
    for group in wanted or known:
        lines.append(f"{group}")
        lines += [f"  {choice:<26}{about(group, choice)}".rstrip() for choice in known[group]]
    return "\n".join(lines)
