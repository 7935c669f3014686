"""Configuration of parts from outside this repository, found before anything is composed or imported."""

from pathlib import Path

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from gan_zoo.cli.arguments import chosen_parts, plugins
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config.grammar import LISTS
from gan_zoo.config.plugins import find_plugin

_folders: list[tuple[str, str]] = []


class PluginFolders(SearchPathPlugin):
    """Puts the `conf/` folders of the packages in `plugins=` on Hydra's search path, after our own."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folders."""
        for name, folder in _folders:
            search_path.append(provider=f"plugin {name}", path=f"file://{folder}")


def find_outside_parts(arguments: list[str]) -> None:
    """Make the parts of `plugins=` known to Hydra, whether or not they come with configuration files.

    A name with a file of its own gets no entry: Hydra would take it for the schema of the file, and warn.

    Raises:
        UserError: if a plugin does not exist.
    """
    named = plugins(arguments)
    if not named:
        return
    _folders[:] = [
        (name, str(find_plugin(name) / "conf")) for name in named if (find_plugin(name) / "conf").is_dir()
    ]
    Plugins.instance().register(PluginFolders)
    places = [configuration_folder(), *(Path(folder) for _, folder in _folders)]
    for group, name in chosen_parts(arguments):
        if any((place / group / f"{name}.yaml").is_file() for place in places):
            continue
        node = {name: {"name": name}} if group in LISTS else {"name": name}
        ConfigStore.instance().store(group=group, name=name, node=node, provider="plugins")
