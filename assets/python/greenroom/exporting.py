"""Recorded games as Minari datasets: one for each scene and agent, one episode of it for each episode of a game.

An episode is made by playing the game again (``replaying``): the record has what everybody did, and the environment says
what they saw. So an episode has T + 1 observations, also where observations were not recorded. What the replay makes is
compared with the record first; an episode that does not come out as recorded is left out and told of.

Needs ``minari`` with its HDF5 storage; Greenroom itself does not.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from . import msgpack
from .agents import converter
from .pointing import placing
from .replaying import Replay
from .rows import differs

__all__ = ["Datasets", "Missing", "dataset_id"]

NEEDED = '"minari[hdf5]" pillow'


class Missing(RuntimeError):
    """A package is missing."""


class _Unfit(Exception):
    """Something that no dataset can hold, in words for the researcher."""


def dataset_id(*names: str) -> str:
    """An id that Minari takes: letters, digits, ``_`` and ``-``."""
    plain = [re.sub(r"[^A-Za-z0-9_-]", "_", name) or "_" for name in names]
    return "/".join(plain) + "-v0"


class Datasets:
    """The datasets of a study, in a folder for ``MINARI_DATASETS_PATH``."""

    def __init__(self, root: str, experiment_id: str):
        os.environ["MINARI_DATASETS_PATH"] = str(Path(root).absolute())
        try:
            import minari
            from minari.dataset import _storages
            from minari.data_collector import EpisodeBuffer
            from minari.dataset.minari_storage import MinariStorage

            assert "hdf5" in _storages.get_storage_keys()
            from minari.dataset._storages import hdf5_storage  # noqa: F401  (tells what it lacks)
        except (ImportError, AssertionError) as error:
            raise Missing(
                f"Minari datasets need packages that are not there ({error}): pip install {NEEDED}, into the virtual "
                "environment that greenroom uses (--venv)"
            ) from None
        self._minari, self._storage, self._buffer = minari, MinariStorage, EpisodeBuffer
        self._root, self._experiment = Path(root), experiment_id
        self._sets: dict[tuple[str, str], _Dataset] = {}
        self._ids: set[str] = set()
        self._problems: dict[tuple[str, str], int] = {}
        self._replay: Replay | None = None
        self._home = os.getcwd()
        self._root.mkdir(parents=True, exist_ok=True)

    # ------------------------------------------------------------------------------------------------ game by game

    def game(
        self, code: str, filename: str, folder: str, settings: bytes, seats: list[str], people: list[str], mode: str,
        about: str,
    ) -> None:  # fmt: skip
        """The episodes to come are of this game. ``about`` is JSON: ``scene_id``, ``agents`` by name, and what else is to
        be told of the game."""
        self.end_of_game()
        self._about = json.loads(about)
        try:
            self._replay = Replay(code, filename, folder, settings, seats, people, mode)
        except Exception as error:
            self._trouble(f"the environment could not be made: {type(error).__name__}: {error}")

    def end_of_game(self) -> None:
        """Let go of the environment."""
        if self._replay is not None:
            self._replay.close()
            self._replay = None
        # A game goes to its study's folder, which may be gone before the next one comes.
        os.chdir(self._home)

    def episode(
        self, number: int, seed: int, shared: str | None, inputs: list[list[bytes]], recorded: list[bytes]
    ) -> None:
        """Play an episode of the game again, and add it to the datasets of its agents. ``shared``: see
        ``Globals.give``."""
        if self._replay is None:
            return
        try:
            tracks = self._play(number, seed, shared, inputs, recorded)
        except _Unfit as unfit:
            return self._trouble(str(unfit))
        except Exception as error:
            return self._trouble(f"the environment failed when an episode was played again: {type(error).__name__}: {error}")
        for agent, track in tracks.items():
            try:
                dataset = self._dataset(agent, track)
                dataset.add(self._buffer, track, seed, self._told(agent, number, seed))
            except _Unfit as unfit:
                self._trouble(f"agent {agent!r}: {unfit}")

    def finish(self) -> str:
        """Put the datasets in their places. Returns JSON: ``datasets`` and ``problems``."""
        self.end_of_game()
        done = [dataset.finish(self._root) for dataset in self._sets.values() if dataset.episodes]
        problems = [{"scene_id": scene, "problem": what, "episodes": n} for (scene, what), n in self._problems.items()]
        return json.dumps({"datasets": done, "problems": problems})

    # ------------------------------------------------------------------------------------------------ one episode

    def _play(self, number, seed, shared, inputs, recorded):
        replay = self._replay
        replay.begin(number, seed, shared)
        adapter = replay._simulation._adapter
        tracks = {agent: _Track(adapter, agent, seen) for agent, seen in _copied(replay.observations()).items()}
        for frame, given in enumerate(inputs):
            if replay.done:
                raise _Unfit("played again, an episode was over before its end: `greenroom replay` tells more")
            row = msgpack.decode(replay.step(given))
            if frame < len(recorded) and differs(msgpack.decode(recorded[frame]), row):
                raise _Unfit("played again, an episode did not come out as recorded: `greenroom replay` tells more")
            seen = _copied(replay.observations())
            for agent in row["actions"]:
                tracks[agent].step(row, seen)
        if not replay.done:
            raise _Unfit("played again, an episode was not over at its end: `greenroom replay` tells more")
        return {agent: track for agent, track in tracks.items() if track.rewards}

    def _dataset(self, agent, track):
        key = self._about["scene_id"], agent
        if key not in self._sets:
            name, n = dataset_id(self._experiment, *key), 1
            while name in self._ids:  # two names that differ in what Minari does not take
                n, name = n + 1, dataset_id(self._experiment, key[0], f"{agent}_{n + 1}")
            # Made when it is known that there is something to put into it.
            track.check()
            self._ids.add(name)
            self._sets[key] = _Dataset(self, name, key, track)
        return self._sets[key]

    def _told(self, agent, number, seed):
        told = {key: value for key, value in self._about.items() if key != "agents"}
        return {**told, **self._about["agents"].get(agent, {}), "agent": agent, "episode": number, "episode_seed": seed}

    def _trouble(self, what):
        key = self._about["scene_id"], what
        self._problems[key] = self._problems.get(key, 0) + 1


def _copied(observations) -> dict[str, Any]:
    """An environment may reuse one array for all its observations."""
    return copy.deepcopy(observations or {})


class _Track:
    """What one agent saw, did and got in an episode."""

    def __init__(self, adapter, agent, seen):
        self.agent = agent
        self.spaces = {kind: _space(adapter, kind, agent) for kind in ("observation_space", "action_space")}
        self._convert = placing(self.spaces["action_space"], converter(self.spaces["action_space"]))
        self.observations = [seen]
        self.actions, self.rewards, self.terminations, self.truncations, self.infos = [], [], [], [], []

    def step(self, row, seen):
        agent = self.agent
        self.actions.append(self._convert(row["actions"][agent]))
        self.rewards.append(float(row["rewards"].get(agent, 0.0)))
        ends = [bool(row[part].get(agent, False) or row[part].get("__all__", False)) for part in _ENDS]
        self.terminations.append(ends[0])
        self.truncations.append(ends[1])
        self.infos.append(_leaves(row["infos"].get(agent)))
        self.observations.append(seen.get(agent, _NOTHING))

    def check(self):
        """Make everything what the spaces hold, or say what does not fit."""
        from gymnasium import Space

        for kind, space in self.spaces.items():
            if not isinstance(space, Space):
                raise _Unfit(f"the environment has no {kind} of gymnasium for it, and a dataset needs one")
        spaces = self.spaces["observation_space"], self.spaces["action_space"]
        for what, values, space in zip(("observation", "action"), (self.observations, self.actions), spaces, strict=True):
            for t, value in enumerate(values):
                if value is _NOTHING:
                    raise _Unfit(f"the environment gives no observation of it at step {t}")
                values[t] = _fitted(space, value)
                if not space.contains(values[t]):
                    raise _Unfit(f"an {what} is not in its space {_short(space)}: {_short(value)}")


_ENDS = ("terminateds", "truncateds")
_NOTHING = object()


def _space(adapter, kind, agent):
    if kind == "action_space":
        return adapter.action_space(agent)
    if adapter.single:
        return getattr(adapter.env, kind, None)
    native = adapter.native(agent)
    space = getattr(adapter.env, kind, None)
    if callable(space) and not hasattr(space, "sample"):
        return space(native)
    spaces = space if space is not None else getattr(adapter.env, f"{kind}s", None)
    spaces = getattr(spaces, "spaces", spaces)
    return spaces.get(native) if isinstance(spaces, dict) else spaces


def _fitted(space, value):
    """A value in the type of its space, where nothing but the type is different."""
    import numpy
    from gymnasium import spaces

    if isinstance(space, spaces.Dict) and isinstance(value, dict):
        return {key: _fitted(space.spaces[key], inner) if key in space.spaces else inner for key, inner in value.items()}
    if isinstance(space, spaces.Tuple) and isinstance(value, (tuple, list)) and len(value) == len(space.spaces):
        return tuple(_fitted(inner, part) for inner, part in zip(space.spaces, value))
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)):
        try:
            array = numpy.asarray(value)
            return array.astype(space.dtype, casting="same_kind") if array.dtype != space.dtype else array
        except (TypeError, ValueError):
            return value
    if isinstance(space, spaces.Discrete) and not isinstance(value, bool):
        try:
            return int(value) if int(value) == value else value
        except (TypeError, ValueError):
            return value
    return value


def _short(value) -> str:
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 100 else text[:100] + "..."


def _leaves(info, name="") -> dict[str, Any]:
    """The numbers, truths and texts of an info, by dotted names."""
    if isinstance(info, dict):
        return {key: leaf for k, inner in info.items() for key, leaf in _leaves(inner, f"{name}.{k}" if name else str(k)).items()}
    if isinstance(info, (list, tuple)):
        return {key: leaf for i, inner in enumerate(info) for key, leaf in _leaves(inner, f"{name}.{i}" if name else str(i)).items()}
    return {name or "info": info} if isinstance(info, (bool, int, float, str)) else {}


def _stacked(space, values):
    """The values as Minari's storage takes them: one list for each leaf of the space."""
    from gymnasium import spaces

    if isinstance(space, spaces.Dict):
        return {key: _stacked(inner, [value[key] for value in values]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_stacked(inner, [value[i] for value in values]) for i, inner in enumerate(space.spaces))
    return values


def _infos(infos):
    """Those that all steps have, each of one kind."""
    names = set(infos[0]).intersection(*infos[1:]) if infos else set()
    columns = {name.replace("/", "_"): [info[name] for info in infos] for name in sorted(names)}
    same = {name: values for name, values in columns.items() if len({_kind(value) for value in values}) == 1}
    return same or None


def _kind(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


class _Dataset:
    """One dataset, written beside its place until it is finished."""

    def __init__(self, datasets: Datasets, name: str, key: tuple[str, str], track: _Track):
        self.name, self.key = name, key
        self.episodes = self.steps = 0
        self._minari, self._experiment = datasets._minari, datasets._experiment
        self._part = datasets._root / f".{name.replace('/', '.')}.{os.getpid()}.part"
        shutil.rmtree(self._part, ignore_errors=True)
        (self._part / "data").mkdir(parents=True)
        self._spaces = dict(track.spaces)
        self._space_texts = {kind: str(space) for kind, space in self._spaces.items()}
        try:
            # Pictures stay as they are: JPEG would change what agents saw.
            self._storage = datasets._storage.new(
                self._part / "data", **self._spaces, data_format="hdf5", jpeg_encoding=False
            )
        except NotImplementedError as error:
            shutil.rmtree(self._part, ignore_errors=True)
            raise _Unfit(f"Minari does not take its spaces: {error}") from None
        scene, agent = key
        self._storage.update_metadata({
            "dataset_id": name,
            "minari_version": self._minari.__version__,
            "algorithm_name": "participants of an experiment",
            "description": (
                f"What participants of the study {self._experiment!r} saw, did and got as agent {agent!r} of the scene "
                f"{scene!r}. infos[t] is that of step t; there is none of the reset. The attribute `greenroom` of an "
                "episode's metadata is JSON of all that is known of it: who, treatment, consent, exclusion."
            ),
            "experiment_id": self._experiment,
            "scene_id": scene,
            "agent": agent,
        })  # fmt: skip

    def add(self, buffer, track, seed, told):
        track.check()
        for kind, space in track.spaces.items():
            if str(space) != self._space_texts[kind]:
                raise _Unfit(f"its {kind} is not the same in all games, and a dataset has one")
        # An attribute cannot be null: what is not known stands in the JSON only.
        plain = {key: value for key, value in told.items() if isinstance(value, (bool, int, float, str))}
        self._storage.update_episodes([
            buffer(
                id=self.episodes,
                seed=seed,
                observations=_stacked(self._spaces["observation_space"], track.observations),
                actions=_stacked(self._spaces["action_space"], track.actions),
                rewards=track.rewards,
                terminations=track.terminations,
                truncations=track.truncations,
                infos=_infos(track.infos),
            )
        ])
        attributes = {**plain, "greenroom": json.dumps(told)}
        self._storage.update_episode_metadata([attributes], [self.episodes])
        self.episodes += 1
        self.steps += len(track.rewards)

    def finish(self, root):
        place = root / self.name
        from minari.namespace import create_namespace, list_local_namespaces

        namespace = self.name.rpartition("/")[0]
        if namespace not in list_local_namespaces():
            create_namespace(namespace)
        before = place.with_name(f".{place.name}.{os.getpid()}.before")
        if place.exists():
            place.rename(before)
        self._part.rename(place)
        shutil.rmtree(before, ignore_errors=True)
        scene, agent = self.key
        return {
            "dataset_id": self.name, "scene_id": scene, "agent": agent, "episodes": self.episodes, "steps": self.steps,
        }  # fmt: skip
