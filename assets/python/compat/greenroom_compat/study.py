"""``ExperimentConfig``, and ``app.run``, which leaves the study to whoever loads the script."""

from __future__ import annotations

from pathlib import PurePosixPath

import greenroom
from _greenroom import _serve

from . import paths
from .attributes import options_of
from .notes import at, note, place, refuse
from .options import Options, met, needless, same, to
from .playing import asked, context_of
from .scenes import MultipleChoice, Scene, Stager, passed_on

# Studies that the script made, and those that it ran, in this order.
made: list = []
ran: list = []

_COMMAND = "`greenroom run script.py --host ... --port ...` has the option"


def _host_ping(value, call):
    if value < 100000:  # their default, which excludes nobody
        call.put(value, "entry_screening", "max_ping")


_TABLES = {
    "experiment": {
        "experiment_id": same,
        "stager": same,
        "save_experiment_data": met(True, advice="data are always saved; give --data another folder for a trial"),
    },
    "hosting": {"host": needless(_COMMAND), "port": needless(_COMMAND), "max_ping": _host_ping},
    "static_files": {"directories": same},
    "webrtc": {
        "turn_username": needless("browsers speak to the service only"),
        "turn_credential": needless("browsers speak to the service only"),
        "force_relay": needless("browsers speak to the service only"),
    },
    "entry_screening": {
        "device_exclusion": same,
        "browser_requirements": same,
        "browser_blocklist": same,
        "max_ping": same,
        "min_ping_measurements": same,
        "exclusion_messages": same,
        "entry_callback": to("entry_screening", convert=asked(context_of)),
    },
}
# Attributes that scripts set, for there was no method.
_ATTRIBUTES = {
    "pyodide_load_timeout_s": "a page shows how far loading is, and has no time limit",
    "min_ping_measurements": "give .entry_screening(min_ping_measurements=...)",
}
# Attributes of theirs that are called otherwise than the options that set them.
_RENAMED = {
    "entry_max_ping": ("entry_screening", "max_ping"),
    "entry_min_ping_measurements": ("entry_screening", "min_ping_measurements"),
    "entry_exclusion_callback": ("entry_screening", "entry_callback"),
    "static_directories": ("static_files", "directories"),
    "force_turn_relay": ("webrtc", "force_relay"),
}
_OF_METHODS = {name: (method, name) for name, method in options_of(_TABLES).items()} | _RENAMED


class ExperimentConfig:
    """A study."""

    def __init__(self):
        self.greenroom = greenroom.Experiment()
        self.place = place()
        self.stager = None
        self.experiment_id = None
        self._directories: dict[str, str] = {}  # by address
        self._built = False
        self._limited = False  # whether there is a longest ping
        made.append(self)

    def __setattr__(self, name, value):
        if name in _ATTRIBUTES:
            note(f"ExperimentConfig.{name} is not needed; {_ATTRIBUTES[name]}")
        elif name in _OF_METHODS and name not in ("stager", "experiment_id"):
            method, option = _OF_METHODS[name]
            if any(Options(f"Experiment.{method}", _TABLES[method]).read((), {option: value}).values()):
                self._call(method, (), {option: value})
        elif name[0] != "_" and name not in ("greenroom", "place", "stager", "experiment_id"):
            refuse("ExperimentConfig", name, value, "say it with a method: .experiment(...), .entry_screening(...)")
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name):
        return passed_on(self, name)

    def _call(self, method, arguments, named):
        given = Options(f"Experiment.{method}", _TABLES[method]).read(arguments, named)
        for target, options in given.items():
            if target == "experiment":
                self.stager = options.get("stager", self.stager)
                self.experiment_id = options.get("experiment_id", self.experiment_id)
                stager = options.get("stager")
                options = {**options, "stager": stager.greenroom if isinstance(stager, Stager) else stager}
            elif target == "static_files":
                self._serve(options.get("directories", ()))
                continue
            elif target == "entry_screening":
                self._limited = self._limited or "max_ping" in options
                if "min_ping_measurements" in options and not self._limited:
                    note("Experiment.entry_screening: min_ping_measurements is not needed; there is no max_ping")
                    options = {name: value for name, value in options.items() if name != "min_ping_measurements"}
            if options:
                getattr(self.greenroom, target)(**options)
        return self

    def experiment(self, *arguments, **named):
        """Names the study and gives it its scenes."""
        return self._call("experiment", arguments, named)

    def hosting(self, *arguments, **named):
        """Said where it was served."""
        return self._call("hosting", arguments, named)

    def static_files(self, *arguments, **named):
        """Serves directories of files."""
        return self._call("static_files", arguments, named)

    def webrtc(self, *arguments, **named):
        """Said how browsers reached each other."""
        return self._call("webrtc", arguments, named)

    def entry_screening(self, *arguments, **named):
        """Says who may take part."""
        return self._call("entry_screening", arguments, named)

    def _serve(self, directories):
        for directory in [directories] if isinstance(directories, str) else directories:
            if str(directory).startswith("/"):
                refuse("Experiment.static_files", "directories", directory, "give a path relative to the script")
            # Found from another folder than the script's, it keeps the address that the pages know.
            address = PurePosixPath(directory).as_posix().rstrip("/")
            address = address[2:] if address.startswith("./") else address
            found = paths.found(str(directory))
            _serve(self.greenroom, address, found)
            self._directories[address] = found

    def check_pictures(self):
        """Tells of pictures that questions show and nobody serves. The builders see to those below the script's folder."""
        waiting = list(self.stager.scenes) if isinstance(self.stager, Stager) else []
        while waiting:
            scene = waiting.pop()
            waiting += scene.parts() if isinstance(scene, Scene) else []
            for address in getattr(scene, "addresses", ()) if isinstance(scene, MultipleChoice) else ():
                if not any(address.startswith(f"{served}/") for served in self._directories):
                    raise ValueError(
                        f"{at(self.place)}the picture {address!r} of {scene!r} is in no folder that is served: add "
                        f".static_files([{str(PurePosixPath(address).parent)!r}]) to the ExperimentConfig"
                    )

    def build(self):
        """The study of Greenroom."""
        if not self._built:
            self._built = True
            if isinstance(self.stager, Stager):
                self.stager.finish(self._directories)
        return self.greenroom

    def __repr__(self):
        return repr(self.greenroom)


def run(config=None, *_, **__):
    """Theirs served from here on and did not return; Greenroom has the study and serves it itself."""
    if isinstance(config, (ExperimentConfig, greenroom.Experiment)):
        if not any(config is known for known in ran):
            ran.append(config)
        return
    raise TypeError(f"app.run: config must be an ExperimentConfig, but {config!r} was given")


class RemoteConfig:
    """The first version's configuration, of a study with one scene."""

    def __init__(self, *_, **__):
        raise TypeError(
            "RemoteConfig has no counterpart in Greenroom, nor in MUG since 2026: describe the game as a GymScene, put it "
            "between a StartScene and an EndScene into a Stager, and give that to ExperimentConfig().experiment(...); "
            "docs/coming-from-mug.md shows which option is where"
        )
