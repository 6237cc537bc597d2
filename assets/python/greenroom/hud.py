"""The text above the game, as the researcher's code gives it.

It is drawn, not played: it is in no row, no state and no hash, and where it fails the game goes on without it. What was
wrong is told once.

Found in this order: ``hud_text_fn`` of the scene, the name of a function ``(env, agent)`` of the environment's code or of
a method ``(agent)`` of the environment; a method ``env.get_hud_text()``; a function ``hud_text(env)``. The last two may
take the agent as well.
"""

from __future__ import annotations

import inspect

from .errors import EnvironmentContractError, format_error


class Hud:
    """The text of one environment.

    Attributes
    ----------
    apart
        Whether it is another one for each player.
    """

    def __init__(self, env, namespace, name=None):
        self._text, self.apart = _find(env, namespace, name)
        self._trouble: str | None = None
        self._failed = False

    def text(self, agent) -> str | None:
        """For the player of this agent, by the environment's own name for it; None for no text."""
        if self._text is None:
            return None
        try:
            text = self._text(agent)
            if text is None or isinstance(text, str):
                return text
            raise EnvironmentContractError(f"the HUD text is {text!r}; it must be a string or None")
        except Exception as error:
            if not self._failed:
                self._failed = True
                self._trouble = format_error(error)
            return None

    def take_trouble(self) -> str | None:
        """What was wrong, as a traceback: once."""
        trouble, self._trouble = self._trouble, None
        return trouble


def _find(env, namespace, name):
    if name is not None:
        function = namespace.get(name)
        if callable(function):
            return (lambda agent: function(env, agent)), True
        method = getattr(env, name, None)
        if callable(method):
            return method, True
        raise EnvironmentContractError(
            f"hud_text_fn={name!r}: the environment's code leaves no function of that name, and `env` has no such "
            "method"
        )
    own = getattr(env, "get_hud_text", None)
    if callable(own):
        return (own, True) if _takes(own, 1) else ((lambda agent: own()), False)
    function = namespace.get("hud_text")
    if callable(function) and _takes(function, 2):
        return (lambda agent: function(env, agent)), True
    if callable(function):
        return (lambda agent: function(env)), False
    return None, False


def _takes(function, count):
    """Whether it cannot be called without so many arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # implemented in C: nothing to look at
        return False
    positional = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    return len([one for one in positional if one.default is one.empty]) >= count
