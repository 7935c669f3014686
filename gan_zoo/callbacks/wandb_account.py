"""Whether Weights & Biases can be used online, found out without asking anybody, and how it is set up."""

from __future__ import annotations

import configparser
import netrc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from gan_zoo.errors import UserError, did_you_mean

MODES = ("auto", "online", "offline", "disabled")
SYNONYMS = {"dryrun": "offline", "run": "online"}  # older words of WANDB_MODE
SERVERS = ("https://api.wandb.ai", "https://api.forge.coreweave.com")  # two names of one service
PLACES = {"WANDB_CONFIG_DIR": "config", "WANDB_CACHE_DIR": "cache", "XDG_CACHE_HOME": "cache"}
DATA = "WANDB_DATA_DIR"
_ours: dict[str, str] = {}  # what this process has set, for the next run in it


def chosen_mode(mode: str) -> str:
    """Return `online`, `offline` or `disabled`.

    Args:
        mode: one of these, or `auto`: what WANDB_MODE or `wandb offline` says, else online with a key.

    Raises:
        UserError: for an unknown mode, or `online` without a login, where wandb would stop and ask for one.
    """
    if mode not in MODES:
        raise UserError(f"logger.wandb.mode='{mode}'. {did_you_mean(mode, MODES)}")
    if mode == "online" and not has_key():
        raise UserError(
            "logger.wandb.mode=online needs a login. Run `wandb login`, or type logger.wandb.mode=auto"
        )
    if mode != "auto":
        return mode
    asked = os.environ.get("WANDB_MODE") or settings().get("mode", "")
    asked = SYNONYMS.get(asked, asked)
    if asked in ("offline", "disabled"):
        return asked
    return "online" if has_key() else "offline"


def has_key() -> bool:
    """Say whether wandb would find a key, so that it is never started where it would ask for one."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    if settings().get("api_key"):
        return True
    hosts = [urlparse(url).netloc for url in servers()]
    try:
        known = netrc.netrc(os.environ.get("NETRC") or None)
    except (OSError, netrc.NetrcParseError, RuntimeError):  # the last one where there is no home
        return False
    return any(known.authenticators(host) is not None for host in hosts)


def servers() -> Sequence[str]:
    """Return the addresses of the server that wandb would talk to."""
    given = os.environ.get("WANDB_BASE_URL") or settings().get("base_url")
    return SERVERS if not given or given.rstrip("/") in SERVERS else (given,)


def settings() -> dict[str, str]:
    """Return what `wandb login`, `wandb offline` and their like have noted on this machine."""
    parser = configparser.ConfigParser(interpolation=None)
    home = os.environ.get("WANDB_CONFIG_DIR") or os.path.expanduser("~/.config/wandb")  # noqa: PTH111
    try:
        parser.read([Path(home) / "settings", Path("wandb") / "settings"], encoding="utf-8")
        return dict(parser["default"]) if parser.has_section("default") else {}
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}


def give_a_home(save_dir: Path) -> None:
    """Let wandb keep what it will upload beside the run, and all else where the home cannot be written to.

    Pictures in tables lie in the data directory until they are sent. In the home, where wandb has it, nobody
    would look for them, and a cleaned cache would lose them.
    """
    beside = (save_dir / "wandb").absolute()
    if os.environ.get(DATA) in (None, _ours.get(DATA)):  # not the user's own
        os.environ[DATA] = _ours[DATA] = str(beside / "data")
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  (Path.home() fails where there is none)
    if home.is_absolute() and home.is_dir() and os.access(home, os.W_OK):
        os.environ.setdefault("HOME", str(home))  # wandb's own process looks nowhere else
        return
    for variable, name in PLACES.items():
        os.environ.setdefault(variable, str(beside / name))


def run_settings(mode: str, timeout_s: float, upload_timeout_s: float) -> Any:
    """Return wandb's settings for a run: it waits for nobody for long, and does not speak of what we say."""
    import wandb

    values: dict[str, Any] = {
        "console": "off",
        "silent": mode != "online",
        "quiet": True,
        "allow_val_change": True,  # of the configuration, where a run goes on with more images
        "init_timeout": timeout_s,
        "login_timeout": timeout_s,
        "finish_timeout": upload_timeout_s,
        "finish_timeout_raises": True,
        "x_transaction_log_flush_interval": 1.0,  # seconds of rows that a killed process loses; else 15
    }
    known = wandb.Settings.model_fields  # older versions lack some
    return wandb.Settings(**{name: value for name, value in values.items() if name in known})
