"""Unity scenes, and what classes derived from them do at the beginning and the end of an episode."""

from __future__ import annotations

import copy

from . import paths
from .options import same, to
from .scenes import DISPLAY, SCENE, Scene

_HOOKS = {"on_unity_episode_start": "on_episode_start", "on_unity_episode_end": "on_episode_end"}
_DEFAULT_FOLDER = "static/web_gl"

# Their names of what a build says, and ours.
_SAID = {"unityEpisodeStart": "episode_start", "unityEpisodeEnd": "episode_end"}


def _events(value, call):
    names = [value] if isinstance(value, str) else value
    call.put([_SAID.get(name, name) for name in names] if isinstance(names, (list, tuple)) else value)


class UnityScene(Scene):
    """A WebGL build of Unity's."""

    builder = "UnityScene"
    tables = {
        "scene": SCENE,
        "display": DISPLAY,
        "webgl": {
            "build_name": same, "height": same, "width": same, "allow_continue_on": _events, "preload_game": same,
            "webgl_base_url": to("webgl", "directory", paths.found),
        },
        "game": {"num_episodes": same, "score_fn": same},
    }  # fmt: skip

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self._copies: dict = {}  # by participant: their server had a scene for each

    def webgl(self, *arguments, **named):
        """Names the build."""
        return self.call("webgl", arguments, named)

    def game(self, *arguments, **named):
        """Says how the game is played."""
        return self.call("game", arguments, named)

    def give(self, method, options):
        if method == "webgl":
            options.setdefault("directory", paths.found(_DEFAULT_FOLDER))
        super().give(method, options)

    def finish(self, directories):
        """A class of the script's own may have something to do when an episode begins or ends."""
        derived = [name for name in _HOOKS if getattr(type(self), name) is not getattr(UnityScene, name)]
        if derived:
            self.greenroom.hooks(**{_HOOKS[name]: self._hook(name) for name in derived})

    def on_unity_episode_start(self, data, socketio=None, room=None):
        """An episode begins. Greenroom counts them itself."""

    def on_unity_episode_end(self, data, socketio=None, room=None):
        """An episode is over. Greenroom counts them itself."""

    def _hook(self, name):
        def hook(participant, data):
            replies = _Replies()
            getattr(self._of(participant.subject_id), name)(data, replies, participant.subject_id)
            return replies.answer()

        hook.__name__ = hook.__qualname__ = name
        hook.__code__ = hook.__code__.replace(
            co_filename=getattr(type(self), name).__code__.co_filename,
            co_firstlineno=getattr(type(self), name).__code__.co_firstlineno,
        )
        return hook

    def _of(self, subject):
        if subject not in self._copies:
            own = type(self).__new__(type(self))
            own.__dict__.update(greenroom=self.greenroom, playing=True)
            for name, value in vars(self).items():
                if name not in ("greenroom", "_copies"):
                    own.__dict__[name] = copy.deepcopy(value)
            self._copies[subject] = own
        return self._copies[subject]


class _Replies:
    """Stands in for the server's socket: what is emitted is told to the build."""

    def __init__(self):
        self._told: list = []

    def emit(self, name, data=None, *_, **__):
        """A message for the build."""
        self._told.append({"name": name, "data": data})

    def answer(self):
        """What the hook returns."""
        if not self._told:
            return None
        return self._told[0] if len(self._told) == 1 else self._told
