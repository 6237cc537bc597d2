"""Runs one game's environment, one call a tick.

The browser's worker makes an ``Engine`` from the researcher's code, then calls ``reset`` once an episode and ``step``
once a frame. Each call returns an ``Output`` with everything the page and the service need, so that a tick crosses from
JavaScript into Python once. The same class runs natively in tests, rehearsals and replays.

What the researcher's code may leave besides ``env``:

``hud_text(env)``
    A function whose text is shown above the game. A method ``env.get_hud_text()`` does the same and goes first; the
    scene's ``hud_text_fn`` names another one (see ``hud.py``).

What ``env.render()`` may return: ``None`` (nothing changes on the screen), the packet of ``Surface.commit()``, a list
of objects as in such a packet, or an ``rgb_array``: a numpy array of shape (height, width, 3 or 4) and dtype uint8.
``render()`` must not change the environment: fast-forwarding after a page reload steps without rendering.

A row of the record, one per step, is described in ``rows.py``.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from . import msgpack
from .errors import EnvironmentContractError, format_error
from .onnx_policy import Session
from .rows import differs, encode_row
from .simulation import Output, Simulation, to_bytes

__all__ = ["Engine", "EnvironmentContractError", "Output", "format_error"]


class Engine(Simulation):
    """One player's game: the environment with its policies, actions, drawing and record.

    Parameters
    ----------
    code
        The researcher's Python. Run once, as a module of its own; it must leave ``env``.
    filename
        The name that tracebacks show for ``code``.
    settings
        MessagePack map: ``actions`` (list of action values that keys lead to), ``default_action`` (index into it, or
        None), ``fallback`` ("default_action" or "previous_submitted_action"), ``policies`` (agent id to "human" or
        "random", or a map with one key, see ``policies``), ``max_steps``, ``record_observations``, ``step_code``
        (Python run before every step, or None), ``hud_text_fn`` (see ``hud``; may be absent), ``pointer`` (see
        ``pointing.Pointing``, or None).
    models
        By agent the ONNX file that plays it, to be run here. Without, whoever calls runs them: ``models`` of an output
        holds what they are fed, and ``answer`` takes what comes out before the next call.
    """

    def __init__(self, code: str, filename: str, settings: bytes, models: dict[str, bytes] | None = None):
        self._models = models or {}
        self._asked: dict[str, dict] = {}
        self._rows: deque = deque()
        super().__init__(code, filename, settings)

    def _begin(self):
        super()._begin()
        self._human = next((agent for agent, policy in self._policies.items() if policy.kind == "human"), None)
        self._previous: dict[str, Any] = {}
        self._asked.clear()
        self._rows.clear()

    def _run_of(self, agent, options):
        return Session(self._models[agent], options, agent) if agent in self._models else None

    def _ask(self, agent, bot, observation):
        if bot.due(self._t) and getattr(bot.policy, "remote", False):
            self._asked[agent] = bot.policy.feeds(observation)
        else:
            bot.think(self._t, observation)

    @property
    def _score(self):
        return self._scores.get(self._human, 0.0)

    # ---------------------------------------------------------------------------------------------------- calls

    def reset(self, seed: int, episode: int = 0, shared: str | None = None) -> Output:
        """Start an episode. ``random``, ``numpy.random`` and the random policies are seeded with ``seed`` too.

        ``episode`` is not passed on: the service gives every episode its own seed. ``shared``: see ``Globals.give``.
        """
        self._shared.give(shared)
        self._start(int(seed))
        output = self._output({})
        self._draw(output)
        self._picture.complete(output)
        self._play_sounds(output)
        self._show_assets(output)
        return output

    def step(self, inputs: str) -> Output:
        """One step. ``inputs`` is a JSON object from agent id to an index into ``actions``, a place on the picture (see
        ``pointing.py``), or null for no input."""
        if not self._ready or self._done:
            raise RuntimeError("step() was called before reset() or after the end of the episode")
        if self._asked:
            raise RuntimeError(f"step() was called before the model of agent {next(iter(self._asked))!r} was answered")
        rewards, row = self._advance(*self._choose(json.loads(inputs)))
        output = self._output(rewards)
        output.row = encode_row(row)
        self._draw(output)
        self._play_sounds(output)
        return output

    def replay(self, rows) -> Output:
        """After ``reset`` with the same seed: run through recorded rows without drawing, then draw once.

        ``diverged`` is the number of the first step whose rewards or end differ from the record (rewards: by more than
        a relative 1e-9), or None. The replay goes on after a difference: the participant plays what is on the screen.
        """
        if not self._ready or self._t != 0:
            raise RuntimeError("replay() must directly follow reset()")
        self._rows.extend(rows)
        self._diverged = None
        self._rewards: dict[str, float] = {}
        return self.replay_on()

    @property
    def replaying(self) -> bool:
        """Whether ``replay`` is waiting for answers of models that remember, and so must see every observation again:
        give them, and call ``replay_on``, until it is done."""
        return bool(self._rows)

    def replay_on(self) -> Output:
        """Go on with ``replay``. Only the last of these calls draws."""
        while self._rows:
            remembering = [agent for agent in self._asked if self._bots[agent].policy.recurrent]
            if remembering:
                output = self._output(self._rewards)
                output.models = [(agent, self._asked[agent]) for agent in remembering]
                return output
            row = msgpack.decode(to_bytes(self._rows.popleft()))
            self._asked.clear()  # what they did is in the record
            self._rewards, again = self._advance(*self._recall(row["actions"]))
            if self._diverged is None and differs(row, again):
                self._diverged = row["t"]
            if self._done and self._rows:
                self._diverged = self._t if self._diverged is None else self._diverged
                self._rows.clear()
        output = self._output(self._rewards)
        output.diverged = self._diverged
        self._draw(output)
        self._sounds.take(self._t)  # of what was played before
        self._picture.complete(output)
        return output

    def answer(self, agent: str, outputs) -> None:
        """What came out of the network of ``agent``, fed with what ``models`` of the last output held: by output its
        values as float32."""
        if agent not in self._asked:
            raise RuntimeError(f"answer() was called for agent {agent!r}, whose model was not asked")
        outputs = outputs.to_py() if hasattr(outputs, "to_py") else outputs  # an object of JavaScript
        bot = self._bots[agent]
        bot.decided(bot.policy.take({name: to_bytes(values) for name, values in outputs.items()}, self._t))
        del self._asked[agent]

    def redraw(self) -> Output:
        """The whole picture as it stands, for a page that lost it. The environment is not asked."""
        output = self._output({})
        output.models = []  # asked already
        self._picture.complete(output)
        self._show_hud(output)
        output.assets = self._assets
        return output

    def _output(self, rewards):
        output = Output(self._t, self._done, self._score)
        output.rewards = rewards
        output.models = list(self._asked.items())
        return output

    # ---------------------------------------------------------------------------------------------------- actions

    def _choose(self, inputs):
        recorded, played = {}, {}
        for agent in self._adapter.playing():
            bot = self._bots.get(agent)
            if bot is not None:
                value = bot.next
            else:
                given = inputs.get(agent)
                value = self._fallback(agent) if given is None else self._given(agent, given)
            recorded[agent] = value
            played[agent] = self._convert[agent](value)
        return recorded, played

    def _given(self, agent, given):
        if self._pointing is not None and self._pointing.is_place(given):
            value = given
        else:
            self._index(f"the input of agent {agent!r}", given)
            value = self._actions[given]
        self._previous[agent] = value
        return value

    def _fallback(self, agent):
        if self._keep_previous and agent in self._previous:
            return self._previous[agent]
        if self._default is None:
            raise EnvironmentContractError(
                f"agent {agent!r} gave no input and the scene has no default_action; set it in gameplay(...)"
            )
        return self._actions[self._default]

    def _recall(self, actions):
        """A recorded step's actions; leaves fallbacks and bots where they were after that step."""
        recorded, played = {}, {}
        for agent, value in actions.items():
            if agent in self._bots:
                self._bots[agent].recall(self._t, value)
            elif value in self._actions or (self._pointing is not None and self._pointing.is_place(value)):
                self._previous[agent] = value
            recorded[agent] = value
            played[agent] = self._convert[agent](value)
        return recorded, played
