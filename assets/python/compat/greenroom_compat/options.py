"""How a call of theirs becomes calls of ours.

``Options`` is the table of one method: its options in their order, each with a rule. A rule takes the value that was given,
and a ``Call`` in which it puts what Greenroom's builders get. An option that the table does not know is passed on: the builder
knows it, or tells what is wrong with it. ``None`` and ``NotProvided`` say nothing, unless the rule takes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import paths
from .constants import NotProvided
from .notes import note, refuse, shown

Rule = Callable[[Any, "Call"], None]


class Call:
    """One call on its way: by method of the builder, the options that it gets."""

    def __init__(self, title: str):
        self.title = title
        self.method = title.rpartition(".")[2]
        self.option = ""
        self.out: dict[str, dict[str, Any]] = {}

    def put(self, value, method: str | None = None, option: str | None = None) -> None:
        """Give a builder an option."""
        self.out.setdefault(method or self.method, {})[option or self.option] = value

    def refuse(self, value, advice: str):
        """There is no counterpart."""
        refuse(self.title, self.option, value, advice)


class Options:
    """The options of one method of theirs."""

    def __init__(self, title: str, rules: dict[str, Rule]):
        self.title = title
        self.rules = rules

    def read(self, arguments: tuple, named: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """By method of the builder, what it is given. Its own method is always among them."""
        given = dict(zip(self.rules, arguments))
        if len(arguments) > len(self.rules):
            raise TypeError(f"{self.title} takes {len(self.rules)} options, but {len(arguments)} were given")
        for name, value in named.items():
            if name in given:
                raise TypeError(f"{self.title}: {name} was given twice")
            given[name] = value
        call = Call(self.title)
        call.out[call.method] = {}
        for call.option, value in given.items():
            rule = self.rules.get(call.option, same)
            if value is not NotProvided and (value is not None or getattr(rule, "takes_none", False)):
                rule(value, call)
        return call.out


# ------------------------------------------------------------------------------------------------------------ rules


def same(value, call: Call) -> None:
    """Greenroom has the option under the same name."""
    call.put(value)


def path(value, call: Call) -> None:
    """The same, a path."""
    call.put(paths.found(value))


def html(value, call: Call) -> None:
    """The same, HTML."""
    call.put(joined(value, call))


def joined(value, call: Call):
    """HTML. A comma too many made a tuple of it, and browsers showed its parts one after the other."""
    if isinstance(value, (tuple, list)) and value and all(isinstance(part, str) for part in value):
        note(f"{call.title}: {call.option} is a {type(value).__name__} of texts, which are joined")
        value = "".join(value)
    return value


def to(method: str, option: str | None = None, convert: Callable[[Any], Any] = lambda value: value) -> Rule:
    """Greenroom has it in another method, or under another name."""
    return lambda value, call: call.put(convert(value), method, option)


def met(*values, advice: str) -> Rule:
    """Greenroom does what these values ask for; there is no other way."""

    def rule(value, call):
        if not any(type(value) is type(known) and value == known for known in values):
            call.refuse(value, advice)

    return rule


def refused(advice: str) -> Rule:
    """Greenroom has no such thing."""
    return lambda value, call: call.refuse(value, advice)


def needless(why: str) -> Rule:
    """Nothing is lost without it."""
    return lambda value, call: note(f"{call.title}: {call.option}={shown(value)} is not needed; {why}")
