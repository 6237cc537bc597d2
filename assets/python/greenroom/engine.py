"""Runs one game's environment, one call a tick.

The browser's worker makes an ``Engine`` from the researcher's code, then calls ``reset`` once an episode and ``step``
once a frame. Each call returns an ``Output`` with everything the page and the service need, so that a tick crosses from
JavaScript into Python once. The same class runs natively in tests, rehearsals and replays.

What the researcher's code may leave besides ``env``:

``hud_text(env)``
    A function whose text is shown above the game. A method ``env.get_hud_text()`` does the same and goes first.

What ``env.render()`` may return: ``None`` (nothing changes on the screen), the packet of ``Surface.commit()``, a list
of objects as in such a packet, or an ``rgb_array``: a numpy array of shape (height, width, 3 or 4) and dtype uint8.
``render()`` must not change the environment: fast-forwarding after a page reload steps without rendering.

A row of the record, one per step and in MessagePack:

===============  ==================================================================================================
``t``            number of the step, from 0
``observations`` by agent, the observation *before* the action; only when the scene records observations
``actions``      by agent, as written in ``action_mapping`` (a random policy's: as sampled)
``rewards``      by agent, float
``terminateds``  by agent, and ``__all__`` if the environment gives it
``truncateds``   the same; in the step that reaches ``max_steps`` true for every agent that has not terminated
``infos``        by agent and key; what cannot be stored is replaced by its ``repr``, cut at 200 characters
===============  ==================================================================================================
"""

from __future__ import annotations

import json
import linecache
import random
import sys
import types

from . import msgpack
from .agents import ALL, Adapter, check_action, converter
from .errors import EnvironmentContractError, format_error

__all__ = ["Engine", "EnvironmentContractError", "Output", "format_error"]

MODULE = "greenroom_environment"
INFO_LIMIT = 200
_FALLBACKS = ("default_action", "previous_submitted_action")
_to_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


class Output:
    """What one call of the engine produced. Fields that do not apply are ``None``."""

    __slots__ = (
        "row", "draw", "frame", "frame_width", "frame_height", "hud", "t", "done", "score", "rewards", "assets",
        "diverged",
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


class Engine:
    """One environment with its policies, actions, drawing and record.

    Parameters
    ----------
    code
        The researcher's Python. Run once, as a module of its own; it must leave ``env``.
    filename
        The name that tracebacks show for ``code``.
    settings
        MessagePack map: ``actions`` (list of action values that keys lead to), ``default_action`` (index into it, or
        None), ``fallback`` ("default_action" or "previous_submitted_action"), ``policies`` (agent id to "human" or
        "random"), ``max_steps``, ``record_observations``, ``step_code`` (Python run before every step, or None).
    """

    def __init__(self, code: str, filename: str, settings: bytes):
        self._settings(msgpack.decode(_bytes(settings)))
        self._namespace = _run(code, filename)
        if "env" not in self._namespace:
            raise EnvironmentContractError(f"{filename} leaves no variable `env`; its last lines must make one")
        self.env = self._namespace["env"]
        self._adapter = Adapter(self.env, self._policies)
        self._hud = self._find_hud()
        self._render = _find_render(self.env)
        self._step_code = compile(self._step_text, f"<step code of {filename}>", "exec") if self._step_text else None
        self._picture = Picture()
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
        self._policies = {str(agent): policy for agent, policy in settings["policies"].items()}
        for agent, policy in self._policies.items():
            if policy not in ("human", "random"):
                raise ValueError(f"settings: policy {policy!r} of agent {agent!r}; allowed: human, random")
        self._human = next((agent for agent, policy in self._policies.items() if policy == "human"), None)
        self._max_steps = settings["max_steps"]
        if self._max_steps < 1:
            raise ValueError(f"settings: max_steps={self._max_steps} must be at least 1")
        self._record_observations = settings["record_observations"]
        self._step_text = settings.get("step_code")

    def _find_hud(self):
        own = getattr(self.env, "get_hud_text", None)
        if callable(own):
            return own
        function = self._namespace.get("hud_text")
        return (lambda: function(self.env)) if callable(function) else None

    def _begin(self):
        self._t = 0
        self._done = False
        self._score = 0.0
        self._previous: dict[str, int] = {}

    # ---------------------------------------------------------------------------------------------------- calls

    def reset(self, seed: int, episode: int = 0) -> Output:
        """Start an episode. ``random``, ``numpy.random`` and the random policies are seeded with ``seed`` too.

        ``episode`` is not passed on: the service gives every episode its own seed.
        """
        seed = int(seed)
        random.seed(seed)
        numpy = sys.modules.get("numpy")
        if numpy:
            numpy.random.seed(seed % 2**32)
        self._begin()
        self._observations, _ = self._adapter.reset(seed)
        if not self._ready:
            self._learn_actions()
        for agent, policy in self._random.items():
            policy.seed(seed, agent)
        output = Output(0, False, 0.0)
        self._draw(output)
        self._picture.complete(output)
        specs = self._asset_specs()
        if specs != self._assets:
            self._assets = output.assets = specs
        return output

    def step(self, inputs: str) -> Output:
        """One step. ``inputs`` is a JSON object from agent id to an index into ``actions``, or null for no input."""
        if not self._ready or self._done:
            raise RuntimeError("step() was called before reset() or after the end of the episode")
        if self._step_code is not None:
            exec(self._step_code, self._namespace)
        recorded, played = self._choose(json.loads(inputs))
        output, row = self._advance(recorded, played)
        output.row = _encode_row(row)
        self._draw(output)
        return output

    def replay(self, rows) -> Output:
        """After ``reset`` with the same seed: run through recorded rows without drawing, then draw once.

        ``diverged`` is the number of the first step whose rewards or end differ from the record (rewards: by more than
        a relative 1e-9), or None. The replay goes on after a difference: the participant plays what is on the screen.
        """
        if not self._ready or self._t != 0:
            raise RuntimeError("replay() must directly follow reset()")
        diverged = None
        rewards: dict[str, float] = {}
        for data in rows:
            row = msgpack.decode(_bytes(data))
            if self._done:
                diverged = self._t if diverged is None else diverged
                break
            if self._step_code is not None:
                exec(self._step_code, self._namespace)
            output, again = self._advance(*self._recall(row["actions"]))
            rewards = output.rewards
            if diverged is None and _differs(row, again):
                diverged = row["t"]
        output = Output(self._t, self._done, self._score)
        output.rewards = rewards
        output.diverged = diverged
        self._draw(output)
        self._picture.complete(output)
        return output

    def redraw(self) -> Output:
        """The whole picture as it stands, for a page that lost it. The environment is not asked."""
        output = Output(self._t, self._done, self._score)
        self._picture.complete(output)
        output.hud = self._hud_text()
        output.assets = self._assets
        return output

    # ---------------------------------------------------------------------------------------------------- actions

    def _learn_actions(self):
        """Fit the action values to each agent's space once. The environment must have been reset: only then are a
        parallel environment's own agent ids known."""
        self._convert = {}
        self._random = {}
        for agent, policy in self._policies.items():
            space = self._adapter.action_space(agent)
            convert = self._convert[agent] = converter(space)
            if policy == "random":
                self._random[agent] = _RandomPolicy(space, self._actions)
            else:
                for value in self._actions:
                    check_action(space, convert, value, agent)
        self._ready = True

    def _choose(self, inputs):
        recorded, played = {}, {}
        for agent in self._adapter.playing():
            policy = self._random.get(agent)
            if policy is not None:
                value = policy.sample()
            else:
                index = inputs.get(agent)
                if index is None:
                    index = self._fallback(agent)
                else:
                    self._index(f"the input of agent {agent!r}", index)
                    self._previous[agent] = index
                value = self._actions[index]
            recorded[agent] = value
            played[agent] = self._convert[agent](value)
        return recorded, played

    def _fallback(self, agent):
        index = self._previous.get(agent) if self._keep_previous else None
        if index is None:
            index = self._default
        if index is None:
            raise EnvironmentContractError(
                f"agent {agent!r} gave no input and the scene has no default_action; set it in gameplay(...)"
            )
        return index

    def _recall(self, actions):
        """A recorded step's actions; leaves fallbacks and random policies where they were after that step."""
        recorded, played = {}, {}
        for agent, value in actions.items():
            if agent in self._random:
                self._random[agent].sample()
            elif value in self._actions:
                self._previous[agent] = self._actions.index(value)
            recorded[agent] = value
            played[agent] = self._convert[agent](value)
        return recorded, played

    def _index(self, what, index):
        if type(index) is not int or not 0 <= index < len(self._actions):
            raise ValueError(f"{what} is {index!r}; it must be an index into the {len(self._actions)} actions")

    # ---------------------------------------------------------------------------------------------------- stepping

    def _advance(self, recorded, played):
        t = self._t
        # Encoded before the step, for an environment may reuse one array for all its observations.
        before = msgpack.Encoded(msgpack.encode(self._observations)) if self._record_observations else None
        now = self._adapter.step(played)
        self._observations = now.observations
        self._t = t + 1
        self._done = now.over
        truncateds = now.truncateds
        if self._t >= self._max_steps and not now.over:
            self._done = True
            truncateds = {**now.truncateds, **{agent: True for agent in self._adapter.playing()}}
            if ALL in now.truncateds:
                truncateds[ALL] = True
        if self._human is not None:
            self._score += now.rewards.get(self._human, 0.0)
        row = {"t": t}
        if before is not None:
            row["observations"] = before
        row["actions"] = recorded
        row["rewards"] = now.rewards
        row["terminateds"] = now.terminateds
        row["truncateds"] = truncateds
        row["infos"] = now.infos
        output = Output(self._t, self._done, self._score)
        output.rewards = now.rewards
        return output, row

    # ---------------------------------------------------------------------------------------------------- drawing

    def _draw(self, output):
        if self._render is not None:
            shown = self._render()
            if shown is not None:
                self._picture.show(shown, output)
        output.hud = self._hud_text()

    def _hud_text(self):
        if self._hud is None:
            return None
        text = self._hud()
        if text is not None and not isinstance(text, str):
            raise EnvironmentContractError(f"the HUD text is {text!r}; it must be a string or None")
        return text

    def _asset_specs(self):
        env = getattr(self.env, "unwrapped", self.env)
        for source in (env, getattr(env, "surface", None)):
            specs = getattr(source, "get_asset_specs", None)
            if callable(specs):
                return _to_json(specs())
        return None


class Picture:
    """What is on the screen, so that a page that lost it can be given the whole, however the environment draws."""

    def __init__(self):
        self._persistent: dict = {}
        self._last: dict | None = None
        self._frame: tuple | None = None

    def show(self, shown, output):
        """Take what ``render()`` returned into ``output``."""
        if isinstance(shown, dict):
            self._show_packet(shown, output)
        elif isinstance(shown, list):
            size = {"width": None, "height": None}  # the scene's own size
            self._show_packet({**size, "full": False, "objects": shown, "removed": []}, output)
        elif getattr(shown, "ndim", None) == 3:
            self._frame = _rgba(shown)
            output.frame, output.frame_width, output.frame_height = self._frame
        else:
            raise EnvironmentContractError(
                f"env.render() returned a value of type {type(shown).__name__}; it must be None, the packet of "
                "Surface.commit(), a list of objects, or an rgb_array (height, width, 3 or 4)"
            )

    def _show_packet(self, packet, output):
        try:
            if packet["full"]:
                self._persistent.clear()
            for item in packet["objects"]:
                if item["persistent"]:
                    self._persistent[item["id"]] = item
            for id in packet["removed"]:
                self._persistent.pop(id, None)
        except (KeyError, TypeError) as error:
            raise EnvironmentContractError(
                f"env.render() returned a dict or list that is no draw packet ({type(error).__name__}: {error}); "
                "draw on a greenroom.Surface and return surface.commit()"
            ) from None
        self._last = packet
        output.draw = self._json(packet)

    def complete(self, output):
        """Replace the difference in ``output`` by the whole picture."""
        if self._last is not None:
            objects = [*self._persistent.values()]
            objects += [item for item in self._last["objects"] if not item["persistent"]]
            output.draw = self._json({**self._last, "full": True, "objects": objects, "removed": []})
        if self._frame is not None:
            output.frame, output.frame_width, output.frame_height = self._frame

    @staticmethod
    def _json(packet):
        try:
            return _to_json(packet)
        except (TypeError, ValueError) as error:
            raise EnvironmentContractError(f"env.render() returned something that is not JSON: {error}") from None


class _RandomPolicy:
    """Uniform over the action space, the same on every platform for Discrete spaces and for spaceless environments."""

    def __init__(self, space, actions):
        self._random = random.Random()
        self._space = None
        if type(space).__name__ == "Discrete":
            first, count = int(space.start), int(space.n)
            self._values = range(first, first + count)
        elif callable(getattr(space, "sample", None)):
            self._space = space
        elif actions:
            self._values = actions
        else:
            raise EnvironmentContractError("a random policy needs an action space or an action_mapping to choose from")

    def seed(self, seed, agent):
        self._random.seed(f"{seed}/{agent}")  # a text is hashed by a fixed rule, unlike hash()
        if self._space is not None:
            self._space.seed(self._random.randrange(2**31))

    def sample(self):
        if self._space is not None:
            value = self._space.sample()
            return value.tolist() if hasattr(value, "tolist") else value
        return self._values[self._random.randrange(len(self._values))]


# --------------------------------------------------------------------------------------------------------- helpers


def _run(code, filename):
    """Execute the researcher's code as a module: its classes can be pickled, and tracebacks quote its lines."""
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    module = types.ModuleType(MODULE)
    module.__file__ = filename
    sys.modules[MODULE] = module
    exec(compile(code, filename, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def _find_render(env):
    """``env.render``, or None for an environment without: Gymnasium's base class has one that only raises."""
    own = getattr(type(getattr(env, "unwrapped", env)), "render", None)
    if getattr(own, "__module__", None) == "gymnasium.core":
        return None
    return getattr(env, "render", None)


def _bytes(data):
    """Bytes from Python, or a Uint8Array handed over by JavaScript."""
    return data.to_bytes() if hasattr(data, "to_bytes") else bytes(data)


def _encode_row(row):
    try:
        return msgpack.encode(row)
    except msgpack.EncodeError:
        row["infos"] = {agent: _storable(info) for agent, info in row["infos"].items()}
        return msgpack.encode(row)


def _storable(info):
    """An info never fails a game: it is the researcher's aside, and the participant should not pay for it."""
    if not isinstance(info, dict):
        return _note(info)
    kept = {}
    for key, value in info.items():
        try:
            msgpack.encode(value)
        except msgpack.EncodeError:
            value = _note(value)
        kept[str(key)] = value
    return kept


def _note(value):
    try:
        return repr(value)[:INFO_LIMIT].encode("utf-8", "replace").decode()
    except Exception as error:
        return f"<{type(value).__name__}, whose repr failed: {type(error).__name__}>"


def _differs(row, again):
    if row["terminateds"] != again["terminateds"] or row["truncateds"] != again["truncateds"]:
        return True
    old, new = row["rewards"], again["rewards"]
    if old.keys() != new.keys():
        return True
    return any(
        old[agent] != new[agent]
        and not (old[agent] != old[agent] and new[agent] != new[agent])
        and not abs(old[agent] - new[agent]) <= 1e-9 * max(1.0, abs(old[agent]))
        for agent in old
    )


def _rgba(frame):
    """Bytes as a canvas takes them: four channels, opaque unless the environment says otherwise."""
    height, width, channels = frame.shape
    if channels not in (3, 4) or frame.dtype.name != "uint8":
        raise EnvironmentContractError(
            f"env.render() returned an array of shape {frame.shape} and dtype {frame.dtype}; "
            "an rgb_array has the shape (height, width, 3 or 4) and the dtype uint8"
        )
    if channels == 3:
        import numpy

        full = numpy.full((height, width, 4), 255, dtype=numpy.uint8)
        full[:, :, :3] = frame
        frame = full
    return frame.tobytes(), width, height
