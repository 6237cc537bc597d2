"""An environment whose state is the sum of all actions, and whose actions can be told to do harm.

Its code is run as it is when the scene is tried out, with `trial` true, and when a game is opened.
"""

import json
import os
import sys
import time


class Turn:
    def __init__(self, frame):
        self.frame = frame
        self.rows, self.hashes, self.states, self.choices, self.pictures = [], [], [], [], []
        self.end = None


class Shown:
    def __init__(self, seats, complete, frame, width, height, hud):
        self.seats, self.complete, self.frame, self.width, self.height = seats, complete, frame, width, height
        self.draw, self.hud, self.assets, self.own = None, hud, None, []


class Host:
    def __init__(self):
        self.scenes, self.games = {}, {}

    def learn(self, scene, code, filename, folder, settings, models, pictures, state_interval):
        assert isinstance(settings, bytes) and isinstance(models, dict) and isinstance(pictures, bool)
        self.scenes[scene] = compile(code, os.path.join(folder, filename), "exec")
        exec(self.scenes[scene], {"trial": True})
        return 0.0005

    def open(self, game, scene):
        exec(self.scenes[scene], {"trial": False})
        self.games[game] = (scene, 0, 0)

    def stand(self, game, episode, seed, state, bots, shared):
        scene, frame, total = self.games[game][0], 0, seed
        if state is not None:
            frame, total = json.loads(state)
            assert bots == b"bots"
        self.games[game] = (scene, frame, total)
        return self._turn(game, [], 0xFF)

    def advance(self, game, episode, first, frames, complete):
        scene, frame, total = self.games[game]
        assert first == frame, f"frame {first} after {frame}"
        rows = []
        for actions in _unpack_frames(frames):
            for action in actions:
                if action == b"print":
                    print("printed by the environment")
                    os.write(1, b"written to descriptor 1\n")
                    sys.stdout.flush()
                elif action == b"read":
                    assert sys.stdin.read() == ""
                elif action == b"exit":
                    os._exit(3)
                elif action == b"wedge":
                    time.sleep(10**6)
                elif action == b"raise":
                    raise ValueError("a bad action")
                elif action == b"large":
                    rows.append(bytes(25 << 20))
                elif action == b"child":
                    # A child that holds the pipes must not hold up anybody.
                    if os.fork() == 0:
                        time.sleep(10**6)
                elif action == b"pid":
                    rows.append(str(os.getpid()).encode())
                else:
                    total += int(action)
            frame += 1
            rows.append(json.dumps([frame - 1, total]).encode())
        self.games[game] = (scene, frame, total)
        return self._turn(game, rows, complete)

    def close(self, game):
        self.games.pop(game, None)

    def _turn(self, game, rows, complete):
        _, frame, total = self.games[game]
        turn = Turn(frame)
        turn.rows = rows
        turn.hashes = [(frame, f"{total & (2**64 - 1):016x}")]
        turn.states = [(frame, json.dumps([frame, total]).encode(), b"bots")]
        turn.choices = [(1, frame + 2, b"\x07")]
        shade = bytes([total % 256, 0, 0, 255])
        turn.pictures = [Shown(1, bool(complete & 1), shade * 32, 8, 4, "hud")]
        return turn


def _unpack_frames(data):
    """Reads what is needed of MessagePack: arrays of arrays of binary."""
    at = 0

    def number(size):
        nonlocal at
        value = int.from_bytes(data[at : at + size], "big")
        at += size
        return value

    def array():
        kind = number(1)
        return kind & 0x0F if kind & 0xF0 == 0x90 else number({0xDC: 2, 0xDD: 4}[kind])

    def binary():
        nonlocal at
        length = number({0xC4: 1, 0xC5: 2, 0xC6: 4}[number(1)])
        at += length
        return data[at - length : at]

    return [[binary() for _ in range(array())] for _ in range(array())]
