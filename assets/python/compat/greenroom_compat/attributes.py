"""Attributes of their scenes. Theirs were plain objects: what a method had been told could be read, and be set instead.

Here a value that is set is told to the builder, as the method would have told it; a name that no method has is the script's own.
"""

from __future__ import annotations

from .options import Options


def options_of(tables) -> dict[str, str]:
    """By option, the method that has it; the first of several."""
    found: dict[str, str] = {}
    for method, rules in tables.items():
        for name in rules:
            found.setdefault(name, method)
    return found


def unheard(theirs, names, advice) -> None:
    """Refuses a class of the script's with methods that nothing would call."""
    for name in names:
        if hasattr(type(theirs), name):
            raise TypeError(f"{type(theirs).__name__}.{name} would never be called: {advice}")


class Attributes:
    """What scenes of theirs have that is no method."""

    tables: dict = {}
    playing = False  # in a participant's own copy, which tells no builder anything

    def keep(self, method, arguments, named) -> None:
        """Have what a method was told as attributes."""
        for name, value in {**dict(zip(self.tables[method], arguments)), **named}.items():
            if not hasattr(type(self), name):
                self.__dict__[name] = value

    def __setattr__(self, name, value):
        method = None if self.playing or hasattr(type(self), name) else options_of(self.tables).get(name)
        if method is None:
            object.__setattr__(self, name, value)
        elif any(Options(f"{self.builder}.{method}", self.tables[method]).read((), {name: value}).values()):
            getattr(self, method)(**{name: value})
        else:
            self.keep(method, (), {name: value})

    def check_class(self) -> None:
        """Refuses a class of the script's that says an option as an attribute of its own."""
        methods = options_of(self.tables)
        for kind in type(self).__mro__:
            if kind.__module__.startswith("greenroom_compat"):
                break
            for name in sorted(methods.keys() & vars(kind).keys()):
                if not callable(vars(kind)[name]):
                    raise TypeError(
                        f"{kind.__name__}.{name} would never be looked at: set self.{name} in the constructor, behind "
                        "super().__init__()"
                    )

    def _no_copy(self, *_):
        raise TypeError(
            f"{type(self).__name__}: a scene cannot be copied; write a function that makes it, such as "
            "`def game(scene_id): return GymScene().scene(scene_id)...`"
        )

    __copy__ = __deepcopy__ = _no_copy


class Elements(list):
    """``element_ids`` of a scene, which has none; what would be put there is told to ``refuse``."""

    def __init__(self, refuse):
        super().__init__()
        self._refuse = refuse

    def append(self, value):
        """Put one in."""
        self._refuse([value])

    def extend(self, values):
        """Put several in."""
        self._refuse(list(values))
