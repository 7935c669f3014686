"""Parts from outside this repository: `plugins=[my_package]` names modules that register them."""

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

from gan_zoo.errors import UserError


def import_plugins(plugins: Iterable[str]) -> None:
    """Import the modules, so that their parts are registered; doing it twice does no harm.

    Raises:
        UserError: if a module does not exist; errors inside a module keep their traceback.
    """
    for name in plugins:
        find_plugin(name)
        importlib.import_module(name)


def find_plugin(name: str) -> Path:
    """Return the file of a module, or the folder of a package, without importing it.

    The working directory is searched last.

    Raises:
        UserError: if there is none.
    """
    if not all(part.isidentifier() for part in name.split(".")):
        raise UserError(
            f"plugins: '{name}' is not the name of a module. Type for example plugins=[my_package]"
        )
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    top, *rest = name.split(".")
    found = importlib.util.find_spec(top)
    if found is None or found.origin is None:
        raise UserError(
            f"plugins: there is no module '{top}' in the working directory or among the installed packages. "
            f"Install it, or start from the folder that holds {top}.py or {top}/__init__.py."
        )
    package = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
    place = package.joinpath(*rest)
    if rest and not place.is_dir() and not place.with_suffix(".py").is_file():
        raise UserError(f"plugins: the package '{top}' has no module '{'.'.join(rest)}'.")
    return place if place.exists() else place.with_suffix(".py")
