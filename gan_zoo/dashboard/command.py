"""`scripts/wandb_dashboard.py`: makes the views of a project in W&B, or prints what they would be."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gan_zoo.dashboard.views import VIEWS
from gan_zoo.dashboard.workspace import libraries, specification, workspace
from gan_zoo.errors import UserError, did_you_mean

HELP = """\
Make the views of a Weights & Biases project: its runs one by one, and a sweep at a glance.

usage: {command} [entity=NAME] [project=gan_zoo] [view=all] [group=NAME] [print=false]

  entity=NAME        user or team; the one that is logged in unless given
  project=gan_zoo    the project of logger.wandb.project
  view=all           runs, sweep, or all of them
  group=NAME         shows only the runs of one sweep or experiment
  print=true         print what would be sent to W&B as JSON, and send nothing; needs no network and no login
"""
DEFAULTS = {"entity": "", "project": "gan_zoo", "view": "all", "group": "", "print": "false"}
ANYBODY = "me"  # stands for the entity where nothing is sent


def main(arguments: Sequence[str], command: str = "gan-zoo dashboard") -> None:
    """Read options, and save or print the views.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this.

    Raises:
        UserError: for options that cannot be read, a missing package or login, or a server that refuses.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command), end="")  # noqa: T201
        return
    options = read_options(arguments)
    views = list(VIEWS.values()) if options["view"] == "all" else [VIEWS[options["view"]]]
    project, group = options["project"], options["group"] or None
    if options["print"] == "true":
        entity = options["entity"] or ANYBODY
        plain = {view.name: specification(view, entity, project, group) for view in views}
        print(json.dumps(plain, indent=2, ensure_ascii=False))  # noqa: T201
        return
    libraries()
    check_login()
    entity = options["entity"] or logged_in()
    for view in views:
        try:
            saved = workspace(view, entity, project, group).save()
        except Exception as error:  # whatever the library raises where the server cannot be reached
            raise UserError(
                f"W&B did not take the view '{view.name}' of {entity}/{project}: {str(error).rstrip('.')}. "
                f"Is the network up, and does the project exist? To see what would be sent type print=true"
            ) from error
        print(f"{view.name}: {saved.url}")  # noqa: T201


def read_options(arguments: Sequence[str]) -> dict[str, str]:
    """Read `key=value` arguments.

    Raises:
        UserError: for an unknown key or view.
    """
    found = dict(DEFAULTS)
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(f"'{argument}' is not of the form key=value. Type for example view=sweep")
        if key not in found:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, found)}")
        found[key] = value
    if found["view"] not in ("all", *VIEWS):
        raise UserError(f"view='{found['view']}'. {did_you_mean(found['view'], ('all', *VIEWS))}")
    if found["print"] not in ("true", "false"):
        raise UserError(f"print={found['print']}: give true or false.")
    return found


def check_login() -> None:
    """Make sure that wandb will not stop and ask for a key.

    Raises:
        UserError: if it would.
    """
    from gan_zoo.callbacks.wandb_account import has_key

    if not has_key():
        raise UserError("Nobody is logged in to W&B. Run `wandb login`, or type print=true to see the views")


def logged_in() -> str:
    """Return the user that is logged in.

    Raises:
        UserError: if nobody is, or the server cannot be reached.
    """
    import wandb

    try:
        entity = wandb.Api(timeout=20).default_entity
    except Exception as error:  # it would ask for a key, or cannot reach the server
        raise UserError(
            f"W&B says not who is logged in: {error}. Run `wandb login`, give entity=NAME, or type print=true"
        ) from error
    if not entity:
        raise UserError("Your W&B account has no default entity. Give one with entity=NAME")
    return str(entity)
