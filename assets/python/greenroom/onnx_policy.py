"""A trained network, given as an ONNX file, as a policy.

The network is run natively with onnxruntime, or by whoever drives the engine: in the browser JavaScript takes
``feeds(observation)`` to a runtime of its own and hands back what came out. Everything else is alike in both.

Observations reach the network as float32, with a batch axis of one before them:

===============================================  =====================================================================
observation                                      shape
===============================================  =====================================================================
a number (also of a ``Discrete`` space)          [1, 1]
an array or evenly nested lists                  [1, ...its own shape]
a dict (in the order of its keys), a tuple, or   [1, n]: everything in it, one after the other
uneven lists
===============================================  =====================================================================
"""

from __future__ import annotations

import hashlib
import math
from array import array

from .errors import EnvironmentContractError


class OnnxPolicy:
    """Chooses by the logits of a network. ``run`` takes feeds to outputs, ``{name: bytes}``; None where somebody else
    runs the network."""

    looks, foreign = True, False

    def __init__(self, agent, options, space, actions, run=None):
        self._agent, self._run = agent, run
        self.remote = run is None
        self._input, self._output = options["obs_input"], options["logit_output"]
        self._state_inputs = list(options.get("state_inputs") or ())
        self._state_outputs = list(options.get("state_outputs") or ())
        if len(self._state_inputs) != len(self._state_outputs):
            raise ValueError(f"settings: the model of agent {agent!r} has as many state_inputs as state_outputs")
        self._state_shape = [int(side) for side in options.get("state_shape") or ()]
        self._fixed = {
            name: (array("f", [float(value)]).tobytes(), [1])
            for name, value in (options.get("fixed_inputs") or {}).items()
        }
        choice = options.get("choice") or {"kind": "argmax"}
        self._temperature = float(choice["temperature"]) if choice["kind"] == "softmax" else None
        if type(space).__name__ == "Discrete":
            first = int(space.start)
            self._actions = range(first, first + int(space.n))
        elif space is None or not callable(getattr(space, "sample", None)):
            self._actions = actions
        else:
            raise EnvironmentContractError(
                f"a model gives one logit for each action, but the action space of agent {agent!r} is {space}; "
                "it must be Discrete"
            )

    @property
    def recurrent(self) -> bool:
        """Whether the network remembers, so that it has to see every observation."""
        return bool(self._state_inputs)

    def seed(self, seed, agent):
        self._key = f"{seed}/{agent}"
        zeros = bytes(4 * math.prod(self._state_shape))
        self._states = [zeros] * len(self._state_inputs)

    def feeds(self, observation) -> dict[str, tuple[bytes, list[int]]]:
        """By input of the network its values as float32, and their shape."""
        fed = {self._input: to_float32(observation, self._agent)}
        for name, state in zip(self._state_inputs, self._states):
            fed[name] = (state, self._state_shape)
        return {**fed, **self._fixed}

    def take(self, outputs, frame: int):
        """The action by the network's outputs, ``{name: float32 bytes}``."""
        missing = [name for name in (self._output, *self._state_outputs) if name not in outputs]
        if missing:
            raise EnvironmentContractError(
                f"the model of agent {self._agent!r} has no output {missing[0]!r}; it has {', '.join(outputs)}"
            )
        states = [bytes(outputs[name]) for name in self._state_outputs]
        for name, before, state in zip(self._state_outputs, self._states, states):
            if len(state) != len(before):
                raise EnvironmentContractError(
                    f"the output {name!r} of agent {self._agent!r}'s model has {len(state) // 4} values; state_shape "
                    f"{self._state_shape} has {len(before) // 4}"
                )
        logits = array("f", bytes(outputs[self._output])).tolist()
        if len(logits) != len(self._actions):
            raise EnvironmentContractError(
                f"the output {self._output!r} of agent {self._agent!r}'s model has {len(logits)} values; the agent has "
                f"{len(self._actions)} actions"
            )
        if any(logit != logit for logit in logits):
            raise EnvironmentContractError(f"the model of agent {self._agent!r} gave NaN as a logit")
        self._states = states
        return self._actions[self._pick(logits, frame)]

    def _pick(self, logits, frame):
        highest = max(logits)
        if self._temperature is None or math.isinf(highest):
            return logits.index(highest)
        weights = [math.exp((logit - highest) / self._temperature) for logit in logits]
        left = drawn(f"{self._key}/{frame}") * sum(weights)
        for index, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return index
        return logits.index(highest)  # rounding ate the last of it

    def choose(self, observation, frame):
        return self.take(self._run(self.feeds(observation)), frame)

    def get_state(self):
        return list(self._states)

    def set_state(self, state):
        self._states = [bytes(values) for values in state]


def drawn(key: str) -> float:
    """A number from 0 to 1 that depends on nothing but the key."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def to_float32(observation, agent="") -> tuple[bytes, list[int]]:
    """An observation as the network takes it, see above."""
    try:
        if hasattr(observation, "astype") and hasattr(observation, "tobytes"):  # numpy's arrays and numbers
            values, shape = observation.astype("float32").tobytes(), list(observation.shape) or [1]
            return values, [1, *shape]
        shape = _shape(observation)
        found: list[float] = []
        _flatten(observation, found)
        return array("f", found).tobytes(), [1, *(shape if shape else [len(found)])]
    except (TypeError, ValueError, OverflowError) as error:
        raise EnvironmentContractError(
            f"the observation of agent {agent!r} cannot be given to its model: {error}; "
            "it must be made of numbers, arrays, lists, tuples and dicts"
        ) from None


def _shape(value):
    """The shape of evenly nested lists of numbers; None for anything else."""
    if type(value) is not list or not value:
        return None
    inner = [_shape(item) for item in value]
    if all(shape is None for shape in inner):
        plain = all(isinstance(item, (int, float)) or getattr(item, "shape", None) == () for item in value)
        return [len(value)] if plain else None
    return [len(value), *inner[0]] if None not in inner and all(shape == inner[0] for shape in inner) else None


def _flatten(value, found):
    if isinstance(value, dict):
        for key in sorted(value):
            _flatten(value[key], found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _flatten(item, found)
    elif hasattr(value, "tolist"):
        _flatten(value.tolist(), found)
    elif isinstance(value, (int, float)):
        found.append(float(value))
    else:
        raise TypeError(f"it holds a value of type {type(value).__name__}")


class Session:
    """A network in onnxruntime. It keeps nothing between two runs, so that games can share it."""

    def __init__(self, model: bytes, options, agent):
        try:
            import onnxruntime
        except ImportError:
            raise EnvironmentContractError(
                f"agent {agent!r} is played by a model; install onnxruntime into the virtual environment"
            ) from None
        import numpy

        self._numpy = numpy
        # One thread: a worker hosts many games, and sums come out in the same order every time.
        threads = onnxruntime.SessionOptions()
        threads.intra_op_num_threads = threads.inter_op_num_threads = 1
        threads.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(bytes(model), threads, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EnvironmentContractError(f"the model of agent {agent!r} cannot be loaded: {error}") from None
        self._outputs = [options["logit_output"], *(options.get("state_outputs") or ())]
        fed = [options["obs_input"], *(options.get("state_inputs") or ()), *(options.get("fixed_inputs") or ())]
        inputs = {one.name: one.type for one in self._session.get_inputs()}
        outputs = [one.name for one in self._session.get_outputs()]
        for what, names, there in (("input", fed, inputs), ("output", self._outputs, outputs)):
            for name in names:
                if name not in there:
                    raise EnvironmentContractError(
                        f"the model of agent {agent!r} has no {what} {name!r}; it has {', '.join(there)}"
                    )
        for name, kind in inputs.items():
            if name not in fed:
                raise EnvironmentContractError(f"nothing is given to the input {name!r} of agent {agent!r}'s model")
            if kind != "tensor(float)":
                raise EnvironmentContractError(
                    f"the input {name!r} of agent {agent!r}'s model takes {kind}; export it with float32"
                )

    def __call__(self, feeds) -> dict[str, bytes]:
        numpy = self._numpy
        fed = {name: numpy.frombuffer(data, "float32").reshape(shape) for name, (data, shape) in feeds.items()}
        found = self._session.run(self._outputs, fed)
        return {
            name: numpy.ascontiguousarray(value, dtype="float32").tobytes()
            for name, value in zip(self._outputs, found)
        }
