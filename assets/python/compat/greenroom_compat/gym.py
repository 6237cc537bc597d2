"""Game scenes. The older version's methods (``pyodide``, ``user_experience``, ``player_grouping`` ...) are here too: they say
the same in other places."""

from __future__ import annotations

import ast
from pathlib import Path

import greenroom
from _greenroom import _append_code

from . import objects, paths, playing
from .notes import at, note, place, refuse
from .options import Options, html, met, needless, path, refused, same, to
from .scenes import SCENE, Scene

_NETWORK = "give policy_mapping a ModelConfig for a network, or a FunctionPolicy(function='...') of the environment's code"
_DRAW = "draw it in the environment's render(), with mug.rendering.Surface"
_ALONE = "a scene with several 'human' agents is one for several people, all others are for one: remove it"
_HIDDEN = (
    "whoever plays goes on while a partner's tab is hidden, and the data tell when a page had the focus; with "
    ".monitoring(tab_exclude_ms=...) somebody who stays away is excluded"
)
# Installed in their browsers for what is here already.
_OWN_PACKAGES = ("multi-user-gymnasium", "interactive-gym", "mug")


def _smoothing(value, call):
    call.put(0 if value is None else value, "rendering", "rollback_smoothing_duration")


_smoothing.takes_none = True


def _hud(value, call):
    if callable(value):
        call.refuse(
            value,
            "it has to stand in the environment's code, which runs in browsers: define `hud_text(env)` there, or a method "
            "get_hud_text() of the environment",
        )
    call.put(value)


def _packages(value, call):
    def name(requirement):
        head = str(requirement).strip().lower().replace("_", "-")
        return head[: next((i for i, c in enumerate(head) if c not in "abcdefghijklmnopqrstuvwxyz0123456789-."), len(head))]

    if isinstance(value, (list, tuple)):
        value = [requirement for requirement in value if name(requirement) not in _OWN_PACKAGES]
    call.put(value, "runtime")


def _mode(value, call):
    if value == "server_authoritative":
        call.put("streamed", "runtime", "mode")
    elif value != "p2p":
        call.refuse(value, "give 'p2p' or 'server_authoritative', or say it with .runtime(mode=...)")


def _authoritative(value, call):
    if value:
        call.put("authoritative", "runtime", "mode")


def _through_pyodide(value, call):
    if not value:
        call.put("streamed", "runtime", "mode")


def _reunion(value, call):
    if value:
        call.put(greenroom.GroupReunionMatchmaker(fallback=greenroom.FifoMatchmaker()), "waitroom", "matchmaker")


def _reunion_timeout(value, call):
    # Without wait_for_known_group it had no meaning there either.
    reunion = greenroom.GroupReunionMatchmaker
    if isinstance(call.out.get("waitroom", {}).get("matchmaker"), reunion):
        call.put(
            reunion(fallback=greenroom.FifoMatchmaker(), fallback_after_ms=value), "waitroom", "matchmaker"
        )  # fmt: skip


def _focus_loss(value, call):
    if value:  # 0 was never
        call.put(value, "monitoring", "tab_exclude_ms")


def _focus_message(value, call):
    _messages({"tab_exclude": value}, call)


def _messages(value, call):
    known = call.out.setdefault("monitoring", {}).setdefault("exclusion_messages", {})
    if not isinstance(value, dict):
        call.put(value, "monitoring", "exclusion_messages")
    elif isinstance(known, dict):
        known.update(value)


def _page_function(value, call):
    note(f"{call.title}: {call.option}: of the game it finds human_players, with the player's own agent")
    call.put(playing.asked(playing.game_of)(value), "content", "game_page_html_fn")


def _scene_instead(value, call):
    call.put(value, "waitroom", "timeout_scene_id")
    call.put("scene", "waitroom", "on_timeout")


_MATCHMAKER = to("waitroom", "matchmaker", playing.matchmaker_of)
_MAX_RTT = needless(
    "it was never enforced; to limit the delay between two players give matchmaker=LatencyFIFOMatchmaker(...)"
)
_WAITING = {
    "timeout": to("waitroom"),
    "timeout_redirect_url": refused(
        "whoever waits in vain goes on to the last scene: put the address there, with EndScene.redirect(url, "
        "outcomes={'no_partner': url})"
    ),
    "timeout_scene_id": _scene_instead,
    "timeout_message": to("waitroom"),
}
_KNOWN_GROUP = {"wait_for_known_group": _reunion, "group_wait_timeout": _reunion_timeout}
_CONTENT = {
    "scene_header": to("content"),
    "scene_body": lambda value, call: html(value, _Renamed(call, "content")),
    "scene_body_filepath": lambda value, call: path(value, _Renamed(call, "content")),
    "in_game_scene_body": lambda value, call: html(value, _Renamed(call, "content")),
    "in_game_scene_body_filepath": lambda value, call: path(value, _Renamed(call, "content")),
    "game_page_html_fn": _page_function,
}
_CODE = {
    "run_through_pyodide": _through_pyodide,
    "environment_initialization_code": to("runtime"),
    "environment_initialization_code_filepath": lambda value, call: path(value, _Renamed(call, "runtime")),
    "on_game_step_code": to("runtime"),
    "packages_to_install": _packages,
    "restart_pyodide": met(True, False, advice="every game begins with fresh variables: give True or False"),
}


class _Renamed:
    """A call whose method is another."""

    def __init__(self, call, method):
        self.title, self.option, self._call, self._method = call.title, call.option, call, method

    def put(self, value):
        self._call.put(value, self._method)


_TABLES = {
    "scene": SCENE,
    "rendering": {
        "fps": same,
        "env_to_state_fn": refused(_DRAW),
        "hud_text_fn": _hud,
        "hud_score_carry_over": same,
        "location_representation": met("relative", advice="give relative=False where the environment draws"),
        "game_width": same,
        "game_height": same,
        "background": same,
        "rollback_smoothing_duration": _smoothing,
    },
    "policies": {
        "policy_mapping": same,
        "load_policy_fn": refused(_NETWORK),
        "policy_inference_fn": refused(_NETWORK),
        "frame_skip": same,
        "policy_configs": refused(_NETWORK),
    },
    "gameplay": {
        "action_mapping": same,
        "human_id": same,  # taken out again below
        "num_episodes": same,
        "max_steps": same,
        "default_action": same,
        "action_population_method": same,
        "input_mode": same,
        "callback": to("gameplay", convert=playing.callbacks_of),
        "reset_freeze_s": same,
        "reset_timeout": needless("players may take ready_timeout_ms of .multiplayer(...) between episodes"),
    },
    "content": _CONTENT,
    "waitroom": _WAITING,
    "user_experience": {
        **_CONTENT,
        "waitroom_timeout": to("waitroom", "timeout"),
        "waitroom_timeout_redirect_url": _WAITING["timeout_redirect_url"],
        "waitroom_timeout_scene_id": _scene_instead,
        "waitroom_timeout_message": to("waitroom", "timeout_message"),
        "waitroom_time_randomization_interval_s": needless("a group begins when it is complete"),
    },
    "matchmaking": {
        "hide_lobby_count": to("waitroom"),
        "max_rtt": _MAX_RTT,
        "matchmaker": _MATCHMAKER,
    },
    "player_grouping": _KNOWN_GROUP,
    "runtime": _CODE,
    "multiplayer": {
        "mode": _mode,
        "multiplayer": same,  # taken out again below
        "input_delay": same,
        "snapshot_interval": same,
        "input_confirmation_timeout_ms": needless("the service confirms every frame of an episode"),
        "hide_lobby_count": to("waitroom"),
        "max_rtt": _MAX_RTT,
        "matchmaker": _MATCHMAKER,
        **_KNOWN_GROUP,
        "continuous_monitoring_enabled": to("monitoring", "enabled"),  # taken out again below
        "continuous_max_ping": to("monitoring", "max_ping"),
        "continuous_ping_violation_window": to("monitoring", "ping_violation_window"),
        "continuous_ping_required_violations": to("monitoring", "ping_required_violations"),
        "continuous_ping_violation_required": to("monitoring", "ping_required_violations"),
        "continuous_tab_warning_ms": to("monitoring", "tab_warning_ms"),
        "continuous_tab_exclude_ms": to("monitoring", "tab_exclude_ms"),
        "continuous_exclusion_messages": _messages,
        "continuous_callback": to("monitoring", "callback", playing.asked(playing.context_of)),
        "continuous_callback_interval_frames": to("monitoring", "frames"),  # made seconds below
        "reconnection_timeout_ms": same,
        "partner_disconnect_message": same,
        "partner_disconnect_show_completion_code": needless("the service issues a code, and the data have it"),
        "focus_loss_timeout_ms": _focus_loss,
        "focus_loss_message": _focus_message,
        "pause_on_partner_background": met(False, advice=_HIDDEN),
        "server_authoritative": _authoritative,
        "state_broadcast_interval": same,
        "realtime_mode": met(True, advice="frames follow the service's clock: remove it"),
        "input_buffer_size": needless("inputs are kept as long as they are needed"),
        "rollback_smoothing_duration": _smoothing,
    },
    "pyodide": {
        **_CODE,
        "multiplayer": same,
        "server_authoritative": _authoritative,
        "state_broadcast_interval": to("multiplayer"),
        "realtime_mode": met(True, advice="frames follow the service's clock: remove it"),
        "input_buffer_size": needless("inputs are kept as long as they are needed"),
        "input_delay": to("multiplayer"),
    },
    "assets": {
        "preload_specs": same,  # these are seen to below
        "assets_dir": path,
        "assets_to_preload": same,
        "animation_configs": same,
        "state_init": same,
    },
    "environment": {"env_creator": same, "env_config": same,
                    "seed": needless("the service draws a seed for each episode and records it")},
}
_TABLES["player_pairing"] = _TABLES["player_grouping"]

# Only games of several people, or those on the service, have them: they wait until it is known which one it is.
_LATER = ("multiplayer", "waitroom")
# What says how browsers' copies are held together.
_COPIES = ("input_delay", "snapshot_interval", "max_prediction", "hash_interval", "on_desync", "state_broadcast_interval")


class GymScene(Scene):
    """A game."""

    builder = "GymScene"
    tables = _TABLES

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
        self._specs: list = []
        self._finished = False

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

    def _give_multiplayer(self, options):
        if "multiplayer" in options:
            self._told_to_be_multiplayer = (bool(options.pop("multiplayer")), place())
        if options:
            greenroom.GymScene().multiplayer(**options)
            self._later.append(("multiplayer", options, place()))

    def _give_pyodide(self, options):
        if "multiplayer" in options:
            self._told_to_be_multiplayer = (bool(options.pop("multiplayer")), place())
        if options:
            greenroom.GymScene().runtime(**options)  # tells that there is no such option

    def _give_user_experience(self, options):
        if options:
            greenroom.GymScene().content(**options)  # tells that there is no such option

    _give_matchmaking = _give_player_grouping = _give_player_pairing = _give_user_experience

    def _give_runtime(self, options):
        self._mode = options.get("mode", self._mode)
        self._code = self._code or any(name.startswith("environment_initialization_code") for name in options)
        return options

    def _give_assets(self, options):
        specs = [*options.pop("preload_specs", ()), *options.pop("assets_to_preload", ())]
        # Either option names the same pictures.
        self._specs += [spec for spec in map(objects.asset, specs) if spec not in self._specs]
        if options.get("state_init"):
            refuse("GymScene.assets", "state_init", options["state_init"], _DRAW)
        if options.pop("animation_configs", None):
            note("GymScene.assets: animation_configs is not needed; they were never played. Choose frames in render()")
        options.pop("state_init", None)
        if "assets_dir" in options:
            self._assets_dir = options["assets_dir"]
            # Theirs had one that need not exist.
            if paths.root_of(str(self._assets_dir)) is None and not Path(self._assets_dir).is_dir():
                if str(self._assets_dir).strip("./") == "static/assets":
                    self._assets_dir = None
                    options.pop("assets_dir")
        return options

    def _give_monitoring(self, options):
        self._watched.update(options)
        # They end games, too: a limit is tried at its line.
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

    def finish(self):
        """What only the whole scene tells."""
        if self._finished:
            return
        self._finished = True
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

    def prepare(self, directories: dict[str, str]) -> None:
        """The study's directories of files are known, by address: the environment's pictures are looked for there."""
        if self._assets_dir is None and directories:
            self._assets_dir = next(iter(directories.values()))
            self.greenroom.assets(assets_dir=self._assets_dir)
        if self._code:
            agents = [agent for agent in self._mapping] if isinstance(self._mapping, dict) else []
            told = {"agents": agents, "size": self._size, "specs": self._specs, "addresses": sorted(directories)}
            # On lines of its own, behind the script's: those keep their numbers.
            _append_code(
                self.greenroom,
                "\n\nfrom greenroom_compat.environment import adapted as _adapted\n"
                f"env = _adapted(env, **{told!r})\n",
            )


for _name in _TABLES:
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
    import inspect

    try:
        parameters = inspect.signature(creator).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(one.name == "render_mode" or one.kind is one.VAR_KEYWORD for one in parameters)


