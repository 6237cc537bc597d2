"""Which name of theirs is what, and the import hook that finds it, wherever it is imported from.

Their modules were moved and renamed between versions. A name is therefore found in each of them.
"""

from __future__ import annotations

import difflib
import dis
import importlib
import importlib.machinery
import sys
import types

# By name, the module of this package that has it.
_HOMES = {
    "study": ("ExperimentConfig", "RemoteConfig", "run"),
    "constants": ("InputModes", "PolicyTypes", "ActionSettings", "NotProvided", "SceneStatus"),
    "playing": (
        "ModelConfig", "Matchmaker", "FIFOMatchmaker", "LatencyFIFOMatchmaker", "GroupReunionMatchmaker",
        "MatchCandidate", "GroupHistory", "GameCallback", "MultiCallback",
    ),
    "scenes": (
        "Scene", "SceneWrapper", "RandomizeOrder", "RepeatScene", "Stager", "StaticScene", "StartScene", "EndScene",
        "CompletionCodeScene", "TextBox", "OptionBoxes", "OptionBoxesWithTextBox", "OptionBoxesWithScalesAndTextBox",
        "ScalesAndTextBox", "MultipleChoice",
    ),
    "gym": ("GymScene",),
    "unity": ("UnityScene",),
    "surface": ("Surface",),
    "objects": (
        "Sprite", "Line", "Circle", "Polygon", "Text", "AtlasSpec", "MultiAtlasSpec", "ImgSpec", "RenderedEnvRGB",
    ),
}  # fmt: skip
NAMES = {name: home for home, names in _HOMES.items() for name in names}

# What has no counterpart, and what to do.
_ELSEWHERE = {
    "RemoteGame": "games belong to the service: environments have the game's part, callbacks are told of the rest",
    "RemoteGameV2": "games belong to the service: environments have the game's part, callbacks are told of the rest",
    "ServerGame": "games belong to the service: environments have the game's part, callbacks are told of the rest",
    "GameManager": "games belong to the service: environments have the game's part, callbacks are told of the rest",
    "socketio": "pages talk to the service with greenroom.save(...) and greenroom.advance(...), see docs/embedding.md",
    "app": "start the study with `greenroom run script.py`",
    "flask_app": "start the study with `greenroom run script.py`",
}

# Their modules. Others are made when they are asked for; these are also found by `from package import module`.
MODULES = frozenset({
    "configurations", "configurations.experiment_config", "configurations.configuration_constants",
    "configurations.remote_config", "configurations.object_contexts", "configurations.render_configs",
    "scenes", "scenes.scene", "scenes.stager", "scenes.static_scene", "scenes.gym_scene", "scenes.unity_scene",
    "scenes.utils", "scenes.constructors", "scenes.constructors.options", "scenes.constructors.text_box",
    "server", "server.app", "server.matchmaker", "server.matchmakers", "server.game_callback", "server.callback",
    "server.callbacks", "server.remote_game", "rendering", "rendering.surface", "rendering.objects",
    "rendering.color", "utils", "utils.typing", "utils.sentinels",
})  # fmt: skip

# What `from module import *` brings: by the last part of the module's name, the modules of this package.
_STARS = {
    "experiment_config": ("study",), "configuration_constants": ("constants",), "model_config": ("playing",),
    "object_contexts": ("objects",), "render_configs": ("objects",), "objects": ("objects",),
    "rendering": ("surface", "objects"), "surface": ("surface",),
    "scene": ("scenes",), "stager": ("scenes",), "static_scene": ("scenes",), "gym_scene": ("gym",), "unity_scene": ("unity",),
    "matchmaker": ("playing",), "matchmakers": ("playing",), "game_callback": ("playing",), "callback": ("playing",),
    "callbacks": ("playing",),
}  # fmt: skip

_PACKAGES = ("mug", "interactive_gym")


def offer(package: str):
    """Make the modules of ``package`` importable. Returns its ``__getattr__``."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    return _getattr_of(package)


def _getattr_of(module: str):
    path = module.partition(".")[2]

    def __getattr__(name: str):
        if name == "__all__" and (homes := _STARS.get(path.rpartition(".")[2])):
            return [name for name, home in NAMES.items() if home in homes and name != "run"]
        if name[:2] == "__" or (f"{path}.{name}" if path else name) in MODULES:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        if name in NAMES:
            return getattr(importlib.import_module(f"greenroom_compat.{NAMES[name]}"), name)
        text = f"Greenroom has no counterpart of `{name}` of `{module}`; {_advice(name)}"
        # Only an ImportError keeps its words in `from module import name`; all others must get an AttributeError.
        raise (ImportError if _is_import(sys._getframe(1)) else AttributeError)(text)

    return __getattr__


def _advice(name):
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    near = difflib.get_close_matches(name, NAMES, 1)
    return f"did you mean `{near[0]}`?" if near else "docs/coming-from-mug.md has a row for everything"


def _is_import(frame):
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"


class _Finder:
    def find_spec(self, name, path=None, target=None):
        package, _, rest = name.partition(".")
        if package not in _PACKAGES or not rest:
            return None
        if rest not in MODULES and _asked_for_an_attribute():
            return None
        if rest.startswith("examples"):
            raise ModuleNotFoundError(
                f"Greenroom does not have the examples of {package}: put the module that you need beside your script",
                name=name,
            )
        return importlib.machinery.ModuleSpec(name, self, origin=__file__, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name, f"Offers the names of {spec.name}; see greenroom_compat.modules.")
        module.__getattr__ = _getattr_of(spec.name)
        return module

    def exec_module(self, module):
        pass


def _asked_for_an_attribute():
    """Whether Python only tries if the name of `from package import name` is a module."""
    frame = sys._getframe(2)
    for _ in range(12):
        if frame is None or "importlib" not in frame.f_code.co_filename:
            return False
        if frame.f_code.co_name == "_handle_fromlist":
            return True
        frame = frame.f_back
    return False


_finder = _Finder()
