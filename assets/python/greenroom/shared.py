"""Values that scenes and environments share: the dict ``globals_`` that the researcher's code finds among its own names, if
the study declares any.

The service owns them. It gives them at the beginning of each episode; what differs from that when the episode is over is in
its last row (``globals``, by agent), and the service merges it by the rules of ``Experiment.globals``. They are a part of the
game's state: a rollback, a replay and another copy find them as they were.
"""

from __future__ import annotations

import json

from .errors import EnvironmentContractError

VARIABLE = "globals_"
LIMIT = 16 << 10  # bytes of JSON of all values of an agent


class Globals:
    """What one game shares.

    Attributes
    ----------
    variable
        The dict that the researcher's code has: with one person in the game name to value, with several by agent. It
        stays the same object.
    """

    def __init__(self, given: dict | None = None):
        self.variable: dict = {}
        self._given: dict[str, dict] | None = None
        self.give(given)
        self.begin()

    def give(self, given: dict | str | None) -> None:
        """The values of an episode to come: by agent, for each that a person plays; or such a map as JSON. None if they
        are as they were."""
        if given is None:
            return
        self._given = json.loads(given) if isinstance(given, str) else given

    def begin(self) -> None:
        """An episode begins: with what was given, whatever an earlier one has left."""
        if self._given is not None:
            copy = json.loads(json.dumps(self._given))
            self._put(next(iter(copy.values())) if len(copy) == 1 else copy)

    def _put(self, values):
        self.variable.clear()
        self.variable.update(values)

    @property
    def there(self) -> bool:
        """Whether the study has any."""
        return self._given is not None

    def save(self) -> str:
        """As a part of the game's state."""
        try:
            return json.dumps(self.variable)
        except (TypeError, ValueError) as error:
            raise EnvironmentContractError(f"{VARIABLE} has a value that cannot be stored: {error}") from None

    def load(self, saved: str) -> None:
        """Go back to what ``save`` gave."""
        self._put(json.loads(saved))

    def left(self) -> dict:
        """By agent what an episode has changed; empty if nothing."""
        if self._given is None:
            return {}
        by_agent = {next(iter(self._given)): self.variable} if len(self._given) == 1 else self.variable
        for agent in by_agent:
            if agent not in self._given:
                raise EnvironmentContractError(
                    f"{VARIABLE} has {agent!r}; with several players it is by agent, of {[*self._given]}"
                )
        changed = {agent: self._changed(agent, was, by_agent.get(agent)) for agent, was in self._given.items()}
        return {agent: values for agent, values in changed.items() if values}

    def _changed(self, agent, was, now):
        what = VARIABLE if len(self._given) == 1 else f"{VARIABLE}[{agent!r}]"
        if not isinstance(now, dict):
            raise EnvironmentContractError(f"{what} is {now!r}; it must stay a dict: set its values instead")
        changed = {}
        for name, value in now.items():
            if name not in was:
                raise EnvironmentContractError(
                    f"{what} has {name!r}, which the study does not declare; it has {[*was]} "
                    "(see Experiment.globals)"
                )
            try:
                plain = json.loads(json.dumps(value, allow_nan=False))
            except (TypeError, ValueError):
                raise EnvironmentContractError(
                    f"{what}[{name!r}] is {value!r:.200}; it must be None, a bool, a finite number, a text, or a list or "
                    "dict of those"
                ) from None
            if plain != was[name] or type(plain) is not type(was[name]):
                changed[name] = plain
        if len(json.dumps(changed)) > LIMIT:
            raise EnvironmentContractError(f"{what} has more than {LIMIT} bytes")
        return changed
