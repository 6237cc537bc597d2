"""Scenes for a host, and games that are played on it."""

import random

from conftest import settings

from greenroom import msgpack
from greenroom.hosting import Host


def scene(agents, actions=(0, 1, 2), people=None, **changes):
    """Settings of a scene whose environment the service runs; ``people`` come first."""
    people = len(agents) if people is None else people
    values = {
        "actions": list(actions), "default_action": 0, "agents": list(agents), "people": people, "max_steps": 60,
        "policies": {agent: "human" for agent in agents}, "record_observations": True, "hash_interval": 10,
    }  # fmt: skip
    return settings(**{**values, **changes})


class Played:
    """A game on a host; everything that came of it."""

    def __init__(self, host, name, seed, chosen, folder="", **game):
        self.host, self.name, self.seed, self.inputs = host, name, seed, []
        self.rows, self.hashes, self.states, self.pictures = [], [], [], []
        self.choices, self.turn, self.random, self.chosen = {}, None, random.Random(seed), chosen
        self.take(host.stand(name, 0, seed, None, None))

    def take(self, turn):
        self.turn = turn
        self.rows += turn.rows
        self.hashes += turn.hashes
        self.states += turn.states
        self.pictures += turn.pictures
        for seat, frame, action in turn.choices:
            assert self.choices.setdefault((seat, frame), action) == action  # they may come again, not otherwise

    def inputs_of(self, frame):
        while len(self.inputs) <= frame:
            at = len(self.inputs)
            self.inputs.append([
                self.choices.get((seat, at)) or msgpack.encode(self.random.choice(actions))
                for seat, actions in enumerate(self.chosen)
            ])  # fmt: skip
        return self.inputs[frame]

    def step(self, count=1, complete=0):
        first = self.turn.frame
        frames = [self.inputs_of(first + i) for i in range(count)]
        self.take(self.host.advance(self.name, 0, first, msgpack.encode(frames), complete))
        return self.turn

    def play(self):
        while self.turn.end is None:
            self.step()
        return self

    @property
    def record(self):
        return self.rows, self.hashes, self.choices, self.states


def learnt(code, given, folder="", models=None, pictures=False, state_interval=0, host=None, filename="game.py"):
    host = host or Host()
    host.learn("scene", code, filename, folder, given, models or {}, pictures, state_interval)
    return host


def game(host, name, seed, chosen):
    host.open(name, "scene")
    return Played(host, name, seed, chosen)
