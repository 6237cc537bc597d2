"""One environment with its actions, policies, scores and drawing: what a single player's engine and a multiplayer
copy share."""

from __future__ import annotations

import functools
import importlib
import inspect
import linecache
import random
import sys
import types
from typing import Any, NamedTuple

from . import msgpack, policies, snapshot
from .agents import ALL, Adapter, check_action, converter
from .errors import EnvironmentContractError
from .hud import Hud
from .onnx_policy import OnnxPolicy
from .picture import Picture, to_json
from .pointing import Pointing, placing
from .shared import VARIABLE, Globals
from .snapshot import MODULE
from .sounds import Sounds, with_sounds
from .timeline import fresh, same

_FALLBACKS = ("default_action", "previous_submitted_action")


class Output:
    """What one call produced. Fields that do not apply are ``None``."""

    __slots__ = (
        "row", "draw", "frame", "frame_width", "frame_height", "hud", "t", "done", "score", "rewards", "assets",
        "diverged", "models", "trouble",
    )  # fmt: skip

    def __init__(self, t, done, score):
        self.row: bytes | None = None
        self.draw: str | None = None
        self.frame: bytes | None = None
        self.frame_width = 0
        self.frame_height = 0
        self.hud: str | None = None
        self.t: int = t
        self.done: bool = done
        self.score: float = score
        self.rewards: dict[str, float] = {}
        self.assets: str | None = None
        self.diverged: int | None = None
        self.models: list[tuple[str, dict]] = []
        self.trouble: str | None = None  # what was wrong with the text above the game, told once


class Saved(NamedTuple):
    """Everything that decides how a simulation goes on, independent of whatever happens next."""

    world: snapshot.Snapshot
    t: int
    done: bool
    scores: dict[str, float]
    left: frozenset[str]  # agents that are done while others play on
    policies: dict[str, list]
    observations: msgpack.Encoded | None  # only where they are recorded
    seeded: Any  # numpy's generator as it was seeded: who never used it may as well be without numpy


class Simulation:
    """The researcher's code, loaded once, and the episode that it is in."""

    def __init__(self, code: str, filename: str, settings: bytes):
        told = msgpack.decode(to_bytes(settings))
        self._settings(told)
        self._shared = Globals(told.get("globals"))
        self._namespace = _run(code, filename, self._shared.variable if self._shared.there else None)
        if "env" not in self._namespace:
            raise EnvironmentContractError(f"{filename} leaves no variable `env`; its last lines must make one")
        self.env = self._namespace["env"]
        self._adapter = Adapter(self.env, self._policies)
        self._hud = Hud(self.env, self._namespace, self._hud_name)
        self._render, self._render_for = _find_render(self.env)
        self._step_code = compile(self._step_text, f"<step code of {filename}>", "exec") if self._step_text else None
        self._picture = Picture()
        self._sounds = Sounds()
        self._assets: str | None = None
        self._ready = False
        self._begin()

    def _settings(self, settings):
        known = {
            "actions": list, "fallback": str, "policies": dict, "max_steps": int, "record_observations": bool,
        }  # fmt: skip
        for name, kind in known.items():
            if not isinstance(settings.get(name), kind):
                raise TypeError(f"settings: {name}={settings.get(name)!r} must be of type {kind.__name__}")
        self._actions = settings["actions"]
        self._default = settings.get("default_action")
        if self._default is not None:
            self._index("default_action", self._default)
        if settings["fallback"] not in _FALLBACKS:
            raise ValueError(f"settings: fallback={settings['fallback']!r}; allowed: {', '.join(_FALLBACKS)}")
        self._keep_previous = settings["fallback"] == "previous_submitted_action"
        self._policies = {
            str(agent): policies.read(str(agent), policy) for agent, policy in settings["policies"].items()
        }
        self._max_steps = settings["max_steps"]
        if self._max_steps < 1:
            raise ValueError(f"settings: max_steps={self._max_steps} must be at least 1")
        self._record_observations = settings["record_observations"]
        self._step_text = settings.get("step_code")
        self._hud_name = settings.get("hud_text_fn")
        pointer = settings.get("pointer")
        self._pointing = None if pointer is None else Pointing(pointer)

    def _begin(self):
        self._t = 0
        self._done = False
        self._scores: dict[str, float] = {}

    def _start(self, seed):
        """Start an episode: every generator is seeded, the environment reset."""
        random.seed(seed)
        numpy = sys.modules.get("numpy")
        if numpy:
            numpy.random.seed(seed % 2**32)
        self._seeded = snapshot.take_generators()[1]
        self._shared.begin()
        self._begin()
        self._sounds.begin()
        self._observations, _ = self._adapter.reset(seed)
        self._sounds.hear(0)
        if not self._ready:
            self._learn_actions()
        for agent, bot in self._bots.items():
            bot.seed(seed, agent)
        self._think()

    # ---------------------------------------------------------------------------------------------------- actions

    def _learn_actions(self):
        """Fit the action values to each agent's space once. The environment must have been reset: only then are a
        parallel environment's own agent ids known."""
        self._convert = {}
        self._bots: dict[str, policies.Bot] = {}
        for agent, given in self._policies.items():
            space = self._adapter.action_space(agent)
            convert = converter(space)
            if self._pointing is not None:
                convert = placing(space, convert)
            self._convert[agent] = convert
            if given.kind != "human":
                self._bots[agent] = self._bot(agent, given, space)
            elif agent in self._checked():
                for value in self._actions:
                    check_action(space, convert, value, agent)
                if self._pointing is not None:
                    self._pointing.check(space, convert, agent)
        self._ready = True

    def _checked(self):
        """Agents for whom the scene's actions are meant."""
        return self._policies

    def _bot(self, agent, given, space):
        if given.kind == "random":
            policy = policies.RandomPolicy(space, self._actions)
        elif given.kind == "function":
            fits = functools.partial(self._fits, agent)
            policy = policies.FunctionPolicy(agent, given.options["name"], self._namespace, fits)
        else:
            policy = OnnxPolicy(agent, given.options, space, self._actions, self._run_of(agent, given.options))
        default = None if self._default is None else self._actions[self._default]
        return policies.Bot(policy, given.frame_skip, default, self._keep_previous)

    def _run_of(self, agent, options):
        """What runs an agent's model; None if somebody else does."""
        return None

    def _think(self):
        """Bots settle what they do in the coming step, while its observation is at hand."""
        if self._bots and not self._done:
            for agent in self._adapter.playing():
                if agent in self._bots:
                    self._ask(agent, self._bots[agent], (self._observations or {}).get(agent))

    def _ask(self, agent, bot, observation):
        bot.think(self._t, observation)

    def _actions_of(self, given):
        """By agent that plays on: what is recorded, and what the environment is given."""
        recorded, played = {}, {}
        for agent in self._adapter.playing():
            bot = self._bots.get(agent)
            value = fresh(bot.next if bot is not None else self._acceptable(agent, given[agent]))
            recorded[agent] = value
            played[agent] = self._convert[agent](value)
        return recorded, played

    def _acceptable(self, agent, value):
        """What somebody else's browser sent must not break this one's game: an impossible action is the default one,
        on every copy alike."""
        return value if self._fits(agent, value) else self._actions[self._default]

    def _fits(self, agent, value):
        if any(same(value, action) for action in self._actions):
            return True
        space = self._adapter.action_space(agent)
        if space is None:
            return not self._actions if self._pointing is None else self._pointing.is_place(value)
        if type(value) is dict and self._pointing is not None and not self._pointing.is_place(value):
            return False
        try:
            return bool(space.contains(self._convert[agent](value)))
        except Exception:
            return False

    def _index(self, what, index):
        if type(index) is not int or not 0 <= index < len(self._actions):
            raise ValueError(f"{what} is {index!r}; it must be an index into the {len(self._actions)} actions")

    # ---------------------------------------------------------------------------------------------------- stepping

    def _advance(self, recorded, played, quick=False):
        """One step; returns the rewards and the row. A ``quick`` one may come without observations, if no bot looks."""
        if self._step_code is not None:
            exec(self._step_code, self._namespace)
        row: dict[str, Any] = {"t": self._t}
        # Encoded before the step, for an environment may reuse one array for all its observations.
        if self._record_observations and not quick:
            row["observations"] = msgpack.Encoded(msgpack.encode(self._observations))
        blind = quick and not any(bot.looks(self._t + 1) for bot in self._bots.values())
        now = self._adapter.advance(played) if blind else self._adapter.step(played)
        self._observations = now.observations
        self._t += 1
        self._sounds.hear(self._t)
        self._done = now.over
        truncateds = now.truncateds
        if self._t >= self._max_steps and not now.over:
            self._done = True
            truncateds = {**now.truncateds, **{agent: True for agent in self._adapter.playing()}}
            if ALL in now.truncateds:
                truncateds[ALL] = True
        for agent, reward in now.rewards.items():
            self._scores[agent] = self._scores.get(agent, 0.0) + reward
        row["actions"] = recorded
        row["rewards"] = now.rewards
        row["terminateds"] = now.terminateds
        row["truncateds"] = truncateds
        row["infos"] = now.infos
        if self._done and (left := self._shared.left()):
            row["globals"] = left
        self._think()
        return now.rewards, row

    # ---------------------------------------------------------------------------------------------------- state

    def _memories(self, bots) -> dict[str, list]:
        """What bots remember, and the values that the study's scenes share."""
        memories = {agent: bot.get_state() for agent, bot in bots.items()}
        return {**memories, VARIABLE: [self._shared.save()]} if self._shared.there else memories

    def _save(self) -> Saved:
        seen = self._observations if self._record_observations else None
        return Saved(
            snapshot.capture(self.env),
            self._t,
            self._done,
            dict(self._scores),
            frozenset(self._adapter.done),
            self._memories(self._bots),
            None if seen is None else msgpack.Encoded(msgpack.encode(seen)),
            self._seeded,
        )

    def _load(self, saved: Saved) -> None:
        snapshot.restore(self.env, saved.world)
        self._t = saved.t
        self._done = saved.done
        self._scores = dict(saved.scores)
        self._adapter.done = set(saved.left)
        for agent, state in saved.policies.items():
            if agent == VARIABLE and self._shared.there:
                self._shared.load(state[0])
            else:
                self._bots[agent].set_state(state)
        self._observations = saved.observations

    # ---------------------------------------------------------------------------------------------------- drawing

    def _draw(self, output, corrected=None):
        """Render into ``output``; without one, return what ``render()`` gave, which is ``corrected`` of a later call
        (see ``Picture.show_corrected``)."""
        shown = self._rendered(self._viewer())
        if output is None:
            return shown
        if corrected is not None:
            self._picture.show_corrected(corrected, shown, output)
        elif shown is not None:
            self._picture.show(shown, output)
        self._show_hud(output)
        return None

    def _rendered(self, viewer):
        """What ``render()`` gives, for the agent ``viewer`` if it draws for each its own."""
        if self._render is None:
            return None
        if self._render_for is None or viewer is None:
            return self._render()
        return self._render(**{self._render_for: self._adapter.native(viewer)})

    def _play_sounds(self, output):
        """Put what is to be heard with the picture into ``output``."""
        self._sounds.hear(self._t)
        output.draw = with_sounds(output.draw, self._sounds.take(self._t))

    def _viewer(self):
        """The agent for whom is drawn."""
        return next((agent for agent, given in self._policies.items() if given.kind == "human"), None)

    def _show_hud(self, output):
        output.hud = self._hud_text(self._viewer())
        output.trouble = self._hud.take_trouble()

    def _hud_text(self, viewer):
        return self._hud.text(None if viewer is None else self._adapter.native(viewer))

    def _show_assets(self, output):
        """Name the pictures to be loaded, when they are others than before."""
        specs = self._asset_specs()
        if specs != self._assets:
            self._assets = output.assets = specs

    def early_assets(self) -> str | None:
        """The pictures and sounds that are known before the first episode, to be loaded while people still read."""
        try:
            return self._asset_specs()
        except Exception:  # an environment may know them only when it was reset; then its error is told
            return None

    def _asset_specs(self):
        env = getattr(self.env, "unwrapped", self.env)
        for source in (self.env, env, getattr(env, "surface", None)):
            specs = getattr(source, "get_asset_specs", None)
            if callable(specs):
                return to_json(specs())
        return None


def _run(code, filename, shared):
    """Execute the researcher's code as a module: its classes can be pickled, and tracebacks quote its lines."""
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    module = types.ModuleType(MODULE)
    module.__file__ = filename
    if shared is not None:
        setattr(module, VARIABLE, shared)
    sys.modules[MODULE] = module
    if "greenroom_compat" in code:  # made of a script that was written for another system
        importlib.import_module("greenroom_compat.environment").share(module)
    exec(compile(code, filename, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def _find_render(env):
    """``env.render``, or None for an environment without (Gymnasium's base class has one that only raises); and the
    name by which it takes the agent to draw for, or None if it draws one picture for all."""
    own = getattr(type(getattr(env, "unwrapped", env)), "render", None)
    render = None if getattr(own, "__module__", None) == "gymnasium.core" else getattr(env, "render", None)
    if not callable(render):
        return None, None
    try:
        taken = inspect.signature(render).parameters
    except (TypeError, ValueError):  # implemented in C: nothing to look at
        taken = {}
    return render, next((name for name in ("agent_id", "agent") if name in taken), None)


def to_bytes(data) -> bytes:
    """Bytes from Python, or a Uint8Array handed over by JavaScript."""
    return data.to_bytes() if hasattr(data, "to_bytes") else bytes(data)
