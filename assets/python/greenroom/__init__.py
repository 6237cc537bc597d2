"""Greenroom: Python environments as browser experiments.

The same package is used in three places, unchanged:

* in an *experiment module*, loaded by ``greenroom run`` or ``greenroom check``, where the builder classes
  (``Experiment``, ``Stager``, ``GymScene`` ...) come from the service itself;
* in an *environment* in the participant's browser (Pyodide), which needs the drawing ``Surface`` and little else;
* in plain Python, where tests, replays and notebooks step an environment without any service.

Only the standard library is needed. numpy is used when the environment brings it.
"""

import os
import sys

from .rendering import Surface

# Packages that scripts and environments of other systems import from.
_COMPAT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "compat")
if _COMPAT not in sys.path and os.path.isdir(_COMPAT):
    sys.path.insert(0, _COMPAT)

try:
    from _greenroom import *  # noqa: F403  (built into the service's own interpreter)

    from .callbacks import GameCallback
    from .participant import Participant
except ModuleNotFoundError as error:
    if error.name != "_greenroom":
        raise

_BUILDERS = frozenset({
    "Experiment", "Stager", "Scene", "StaticScene", "StartScene", "EndScene", "GymScene", "UnityScene", "SurveyScene", "HtmlScene",
    "CompletionCodeScene", "RandomizeOrder", "RepeatScene", "Section", "Conditions", "InputModes", "PolicyTypes", "ActionSettings",
    "FifoMatchmaker", "LatencyFifoMatchmaker", "GroupReunionMatchmaker",
    "ModelConfig", "FunctionPolicy", "TextBox", "ScalesAndTextBox", "OptionBoxes", "OptionBoxesWithTextBox",
    "OptionBoxesWithScalesAndTextBox", "MultipleChoice", "TextQuestion", "NumberQuestion", "ChoiceQuestion",
    "ScaleQuestion", "GridQuestion", "ConsentQuestion",
})  # fmt: skip

# Names of other systems, and what to use here.
_ELSEWHERE = {
    "FIFOMatchmaker": "use FifoMatchmaker",
    "LatencyFIFOMatchmaker": "use LatencyFifoMatchmaker",
    "MultiCallback": "give a list: .callbacks([a, b])",
    "Matchmaker": "a matchmaker of your own is a function: .waitroom(matchmaker=f)",
}


def __getattr__(name: str):
    if name == "GameCallback":
        # Not imported above where there are no builders: the browser has no use for it, and loads faster without.
        from .callbacks import GameCallback

        return GameCallback
    if name == "Participant":
        from .participant import Participant

        return Participant
    if "_greenroom" in sys.modules and name in _ELSEWHERE:
        raise ImportError(f"Greenroom has no {name}; {_ELSEWHERE[name]}.")
    if "_greenroom" in sys.modules and name in _BUILDERS:
        raise ImportError(f"Greenroom has no {name} in this version; docs/guide.md lists what there is.")
    if name in _BUILDERS:
        # ImportError, not AttributeError: `from greenroom import X` would replace the latter's message by its own.
        raise ImportError(
            f"greenroom.{name} is available when the module is loaded by `greenroom run` or `greenroom check`. "
            "Plain Python and the browser have the drawing surface and the engine, not the experiment builders."
        )
    raise AttributeError(f"module 'greenroom' has no attribute {name!r}")
