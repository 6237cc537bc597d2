"""Game scenes: what their calls say together."""

from __future__ import annotations

import ast
import inspect

import greenroom
from _greenroom import _append_code

from . import objects, paths, sources
from .gym_options import DRAW, TABLES
from .notes import at, note, place, refuse
from .scenes import Scene

_ALONE = "a scene with several 'human' agents is one for several people, all others are for one: remove it"
# Only games of several people, or those on the service, have them: they wait until it is known which one it is.
_LATER = ("multiplayer", "waitroom")
_USUAL_FOLDER = "static/assets"
# What says how browsers' copies are held together.
_COPIES = ("input_delay", "snapshot_interval", "max_prediction", "hash_interval", "on_desync", "state_broadcast_interval")


class GymScene(Scene):
    """A game."""

    builder = "GymScene"
    tables = TABLES

    def __init__(self):
        super().__init__()
        self._mapping: dict = {}
        self._frame_skip = None
        self._mode = "browser"
        self._human_id = None
        self._told_to_be_multiplayer = None
        self._code = False
        self._creator = None
        self._later: list = []  # (method, options, where)
        self._size = [600, 400]
        self._fps = 10
        self._watched: dict = {}
        self._asked_to_watch = False
        self._focus: set = set()
        self._assets_dir = None
        self._written = ""  # the same, as the script has it
        self._specs: list = []

    def multiplayer(self, *arguments, **named):
        """Says how a game of several people is held together."""
        self._focus |= {
            ours
            for theirs, ours in (("focus_loss_timeout_ms", "tab_exclude_ms"), ("focus_loss_message", "exclusion_messages"))
            if named.get(theirs)
        }
        limits = ("continuous_max_ping", "continuous_tab_warning_ms", "continuous_tab_exclude_ms", "continuous_callback")
        self._asked_to_watch = self._asked_to_watch or any(named.get(name) is not None for name in limits)
        return self.call("multiplayer", arguments, named)

    def give(self, method, options):
        handler = getattr(self, f"_give_{method}", None)
        if handler is not None:
            options = handler(options)
        elif method in _LATER:
            # A wrong value is told at its line; what the options mean together is said in the end.
            getattr(greenroom.GymScene(), method)(**options)
            self._later.append((method, options, place()))
            options = None
        if options:
            super().give(method, options)

    # ---------------------------------------------------------------------------------- methods, as builders get them

    def _give_rendering(self, options):
        for index, name in enumerate(("game_width", "game_height")):
            if name in options:
                self._size[index] = options[name]
        if isinstance(options.get("fps"), int):
            self._fps = max(1, options["fps"])
        if "rollback_smoothing_duration" in options:
            smoothing = {"rollback_smoothing_duration": options.pop("rollback_smoothing_duration")}
            greenroom.GymScene().rendering(**smoothing)
            self._later.append(("rendering", smoothing, place()))
        return options

    def _give_policies(self, options):
        self._mapping = options.get("policy_mapping", self._mapping)
        self._frame_skip = options.get("frame_skip", self._frame_skip)
        options = {**options, "policy_mapping": self._mapping}
        if self._bots():
            # Between two choices their bots did nothing; four frames was their default.
            options["frame_skip"] = 4 if self._frame_skip is None else self._frame_skip
        else:
            options.pop("frame_skip", None)
        return options

    def _bots(self):
        bots = self._mapping.values() if isinstance(self._mapping, dict) else ()
        return [bot for bot in bots if bot != "human"]

    def _humans(self):
        return len(self._mapping) - len(self._bots()) if isinstance(self._mapping, dict) else 0

    def _give_gameplay(self, options):
        if "human_id" in options:
            self._human_id = (str(options.pop("human_id")), place())
        return options

    def _hear_whether_together(self, options):
        if "multiplayer" in options:
            self._told_to_be_multiplayer = (bool(options.pop("multiplayer")), place())

    def _give_multiplayer(self, options):
        self._hear_whether_together(options)
        if options:
            greenroom.GymScene().multiplayer(**options)
            self._later.append(("multiplayer", options, place()))

    def _give_pyodide(self, options):
        self._hear_whether_together(options)
        if options:
            greenroom.GymScene().runtime(**options)  # tells that there is no such option

    def _give_user_experience(self, options):
        if options:
            greenroom.GymScene().content(**options)  # tells that there is no such option

    _give_matchmaking = _give_player_grouping = _give_player_pairing = _give_user_experience

    def _give_runtime(self, options):
        sources.look(options)
        self._mode = options.get("mode", self._mode)
        self._code = self._code or any(name.startswith("environment_initialization_code") for name in options)
        return options

    def _give_assets(self, options):
        named = [*options.pop("preload_specs", ()), *options.pop("assets_to_preload", ())]
        if paths_of_ours := [spec for spec in named if isinstance(spec, str)]:
            options["assets_to_preload"] = paths_of_ours
        specs = [spec for spec in named if not isinstance(spec, str)]
        # Either option names the same pictures.
        self._specs += [spec for spec in map(objects.asset, specs) if spec not in self._specs]
        if options.get("state_init"):
            refuse("GymScene.assets", "state_init", options["state_init"], DRAW)
        if options.pop("animation_configs", None):
            note("GymScene.assets: animation_configs is not needed; they were never played. Choose frames in render()")
        options.pop("state_init", None)
        written = str(options.pop("as_written", "")).removeprefix("./").strip("/")
        if "assets_dir" in options:
            if written == _USUAL_FOLDER and paths.root_of(written) is None:
                options.pop("assets_dir")  # theirs had one that need not exist
            else:
                self._assets_dir, self._written = options["assets_dir"], written
        return options

    def _give_monitoring(self, options):
        self._watched.update(options)
        if watched := self._monitoring():
            greenroom.GymScene().monitoring(**watched)

    def _monitoring(self):
        """What is watched, as Greenroom has it."""
        watched = dict(self._watched)
        enabled, frames = watched.pop("enabled", None), watched.pop("frames", None)
        asked = self._asked_to_watch or enabled
        if enabled is False:
            watched = {name: value for name, value in watched.items() if name in self._focus}
        elif asked:
            # Their limits for hidden tabs held as soon as anything was watched.
            watched = {"tab_warning_ms": 3000, "tab_exclude_ms": 10000, **watched}
            if watched["tab_warning_ms"] > watched["tab_exclude_ms"]:
                watched["tab_warning_ms"] = watched["tab_exclude_ms"]
        if "callback" in watched:
            watched["callback_interval_s"] = max(1.0, (frames or 30) / self._fps)
        if "max_ping" not in watched:
            for name in ("ping_violation_window", "ping_required_violations"):
                watched.pop(name, None)
        limits = ("max_ping", "tab_warning_ms", "tab_exclude_ms", "callback")
        return watched if any(name in watched for name in limits) else {}

    def _give_environment(self, options):
        creator, config = options.get("env_creator"), options.get("env_config") or {}
        if creator is not None:
            self._creator = (_creation(creator, config), place())
        elif self._creator is None and config:
            refuse("GymScene.environment", "env_config", config, "give env_creator with it")

    # --------------------------------------------------------------------------------------------------- in the end

    def finish(self, directories):
        """What only the whole scene tells, and the whole study."""
        self._finish_options()
        self._finish_environment(directories)

    def _finish_options(self):
        humans = self._humans()
        if self._creator is not None and not self._code:
            code, where = self._creator
            if self._mode == "browser":
                self._mode = "streamed"
                note("GymScene.environment: env_creator: the environment runs on the service: mode='streamed'", where)
            self.greenroom.runtime(environment_initialization_code=code, mode=self._mode)
            self._code = True
        if self._human_id is not None:
            human, where = self._human_id
            if {str(agent): policy for agent, policy in self._mapping.items()}.get(human) != "human":
                raise ValueError(
                    f"{at(where)}GymScene.gameplay: human_id={human!r} is not 'human' in policy_mapping of .policies(...)"
                )
        if self._told_to_be_multiplayer is not None and self._told_to_be_multiplayer[0] != (humans > 1):
            told, where = self._told_to_be_multiplayer
            raise ValueError(f"{at(where)}GymScene: multiplayer={told}, but policy_mapping has {humans} 'human'; {_ALONE}")
        if watched := self._monitoring():
            self.greenroom.monitoring(**watched)
        together = humans > 1 or self._mode != "browser"
        for method, options, where in self._later:
            if self._mode == "streamed":
                for name in [name for name in options if name in _COPIES or name == "rollback_smoothing_duration"]:
                    note(f"GymScene.{method}: {name} is not needed; there is one environment, on the service", where)
                    options = {key: value for key, value in options.items() if key != name}
            if self._mode == "browser" and "state_broadcast_interval" in options:
                note("GymScene: state_broadcast_interval is not needed; the service's copy is not asked for", where)
                options = {key: value for key, value in options.items() if key != "state_broadcast_interval"}
            if options and not together:
                note(f"GymScene: {', '.join(options)}: without effect in a game of one person", where)
            elif options:
                getattr(self.greenroom, method)(**options)

    def _finish_environment(self, directories):
        # Its pictures are looked for in the directories that the study serves.
        if self._assets_dir is None and directories:
            self._assets_dir = next(iter(directories.values()))
            self.greenroom.assets(assets_dir=self._assets_dir)
        if self._code:
            agents = [agent for agent in self._mapping] if isinstance(self._mapping, dict) else []
            told = {"agents": agents, "size": self._size, "specs": self._specs, "addresses": sorted(directories)}
            told["folder"] = self._written
            # On lines of its own, behind the script's: those keep their numbers.
            _append_code(
                self.greenroom,
                "\n\nfrom greenroom_compat.environment import adapted as _adapted\n"
                f"env = _adapted(env, **{told!r})\n",
            )


for _name in TABLES:
    if _name not in ("scene", "multiplayer"):

        def _method(self, *arguments, _name=_name, **named):
            return self.call(_name, arguments, named)

        _method.__name__, _method.__qualname__ = _name, f"GymScene.{_name}"
        setattr(GymScene, _name, _method)


def _creation(creator, config):
    """Source that makes the environment as ``creator(**config)`` does."""
    title, module = "GymScene.environment", getattr(creator, "__module__", None)
    name = getattr(creator, "__qualname__", "")
    if module in (None, "__main__", "experiment_module") or not all(part.isidentifier() for part in name.split(".")):
        refuse(
            title, "env_creator", creator,
            "games run in processes of their own: put the function into a file beside the script and import it from there, or "
            "give the file with .runtime(environment_initialization_code_filepath=..., mode='streamed')",
        )  # fmt: skip
    try:
        same_again = ast.literal_eval(repr(config)) == config
    except (ValueError, SyntaxError):
        same_again = False
    if not same_again:
        refuse(title, "env_config", config, "it must be a dict of numbers, texts, lists and the like")
    config = {"render_mode": "mug", **config}
    takes = _takes(creator)
    config = {key: value for key, value in config.items() if key != "render_mode" or takes}
    first = name.partition(".")[0]
    return f"from {module} import {first}\n\nenv = {name}(**{config!r})\n"


def _takes(creator):
    """Whether it can be given a render_mode."""
    try:
        parameters = inspect.signature(creator).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(one.name == "render_mode" or one.kind is one.VAR_KEYWORD for one in parameters)


