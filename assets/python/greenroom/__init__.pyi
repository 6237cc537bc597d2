# Generated from src/python/builders by `make types`; do not edit. A test fails when this file and the classes part.
"""Describes browser experiments with Python environments.

The environment's side, which runs in the browser too, is in modules of its own, such as `greenroom.rendering`.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal, Protocol, Self, TypeAlias

from .rendering import Surface as Surface

class _Numpy(Protocol):
    def tolist(self) -> Any: ...

_Action: TypeAlias = bool | int | float | str | list[Any] | tuple[Any, ...] | dict[Any, Any] | _Numpy

class _Scene: ...

class InputModes:
    """Words for `input_mode` of `GymScene.gameplay`."""

    PressedKeys: Final = "pressed_keys"
    SingleKeystroke: Final = "single_keystroke"

class PolicyTypes:
    """Words for `policy_mapping` of `GymScene.policies`."""

    Human: Final = "human"
    Random: Final = "random"

class ActionSettings:
    """Words for `action_population_method` of `GymScene.gameplay`."""

    DefaultAction: Final = "default_action"
    PreviousSubmittedAction: Final = "previous_submitted_action"

class StartScene(_Scene):
    """The first page of a study. Participants leave it with its button."""

    def __init__(self) -> None:
        """Makes an empty scene."""

    def scene(
        self,
        scene_id: str,
    ) -> Self:
        """Names the scene.

        Args:
            scene_id: The scene's id, unlike that of every other scene of the study. It names the folder of
                the scene's data.
        """

    def display(
        self,
        *,
        scene_header: str = ...,
        scene_subheader: str = ...,
        scene_body: str = ...,
        scene_body_filepath: str | PathLike[str] = ...,
    ) -> Self:
        """Says what participants read.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
        """

class GymScene(_Scene):
    """A game: an environment in the style of Gymnasium or PettingZoo, played in the browser."""

    def __init__(self) -> None:
        """Makes an empty scene."""

    def scene(
        self,
        scene_id: str,
    ) -> Self:
        """Names the scene.

        Args:
            scene_id: The scene's id, unlike that of every other scene of the study. It names the folder of
                the scene's data.
        """

    def policies(
        self,
        policy_mapping: Mapping[Any, str],
    ) -> Self:
        """Says who acts for each agent of the environment.

        Args:
            policy_mapping: Who acts for each agent, by its id (str or int): 'human' (a participant; exactly
                one agent in this version) or 'random' (actions drawn from the agent's action space).
        """

    def rendering(
        self,
        *,
        fps: int = ...,
        game_width: int = ...,
        game_height: int = ...,
        background: str = ...,
    ) -> Self:
        """Says how the game is drawn.

        Args:
            fps: Environment steps per second; 10 unless set. From 1 to 240.
            game_width: Width of the game in pixels; 600 unless set. From 16 to 4096.
            game_height: Height of the game in pixels; 400 unless set. From 16 to 4096.
            background: CSS colour behind the drawing; '#ffffff' unless set.
        """

    def gameplay(
        self,
        *,
        action_mapping: Mapping[Any, _Action] = ...,
        default_action: _Action = ...,
        num_episodes: int = ...,
        max_steps: int = ...,
        input_mode: Literal["pressed_keys", "single_keystroke"] = ...,
        action_population_method: Literal["default_action", "previous_submitted_action"] = ...,
        reset_freeze_s: float = ...,
    ) -> Self:
        """Says how the game is played.

        Args:
            action_mapping: What each key, or tuple of keys held together, does. Keys have the names of a
                browser's KeyboardEvent.key: 'ArrowLeft', 'w', ' ' for the space bar.
            default_action: The action when no mapped key is pressed.
            num_episodes: Number of episodes; 1 unless set. From 1 to 1000.
            max_steps: Most steps of an episode, after which it is truncated; 10000 unless set. From 1 to
                1000000.
            input_mode: Whether keys act as long as they are held, or each press acts once; 'pressed_keys'
                unless set.
            action_population_method: What the agent does in a step without an input; 'default_action' unless
                set.
            reset_freeze_s: Seconds of stillness after a reset, before the first step; 0 unless set. From 0 to
                60.
        """

    def content(
        self,
        *,
        scene_header: str = ...,
        scene_subheader: str = ...,
        scene_body: str = ...,
        scene_body_filepath: str | PathLike[str] = ...,
        in_game_scene_body: str = ...,
        in_game_scene_body_filepath: str | PathLike[str] = ...,
    ) -> Self:
        """Says what participants read before and during the game.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
            in_game_scene_body: HTML beside the running game.
            in_game_scene_body_filepath: File with the HTML beside the running game, instead of
                `in_game_scene_body`.
        """

    def assets(
        self,
        assets_dir: str | PathLike[str],
    ) -> Self:
        """Serves the pictures that the environment draws.

        Args:
            assets_dir: Directory of the pictures.
        """

    def runtime(
        self,
        *,
        environment_initialization_code: str = ...,
        environment_initialization_code_filepath: str | PathLike[str] = ...,
        packages_to_install: list[str] | tuple[str, ...] = ...,
        on_game_step_code: str = ...,
    ) -> Self:
        """Gives the environment: Python source that leaves it in a variable `env`. It is compiled here, and run
        where the game runs.

        Args:
            environment_initialization_code: The source.
            environment_initialization_code_filepath: File with the source, instead of
                `environment_initialization_code`.
            packages_to_install: What the environment needs; nothing unless set.
            on_game_step_code: Python source that is run before every step.
        """

    def data(
        self,
        *,
        record_observations: bool = ...,
    ) -> Self:
        """Says what is recorded beside actions, rewards and infos.

        Args:
            record_observations: Whether observations are part of the data; False unless set.
        """

class EndScene(_Scene):
    """The last page of a study."""

    def __init__(self) -> None:
        """Makes an empty scene."""

    def scene(
        self,
        scene_id: str,
    ) -> Self:
        """Names the scene.

        Args:
            scene_id: The scene's id, unlike that of every other scene of the study. It names the folder of
                the scene's data.
        """

    def display(
        self,
        *,
        scene_header: str = ...,
        scene_subheader: str = ...,
        scene_body: str = ...,
        scene_body_filepath: str | PathLike[str] = ...,
    ) -> Self:
        """Says what participants read.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
        """

    def redirect(
        self,
        url: str,
        *,
        append_subject_id: bool = ...,
    ) -> Self:
        """Says where the page's button leads, once everything is stored.

        Args:
            url: Where the button leads, for example the completion page of a recruiting panel.
            append_subject_id: Whether the participant's id is appended to the address; False unless set.
        """

class Stager:
    """The ordered scenes of a study."""

    def __init__(
        self,
        scenes: Sequence[_Scene],
    ) -> None:
        """Orders the scenes of a study.

        Args:
            scenes: The scenes, in order: first a StartScene, last an EndScene.
        """

class Experiment:
    """A study. A module leaves one in a variable named `experiment`."""

    def __init__(self) -> None:
        """Makes an empty study."""

    def experiment(
        self,
        experiment_id: str,
        stager: Stager,
    ) -> Self:
        """Names the study and gives it its scenes.

        Args:
            experiment_id: The study's name. It names the folder of the study's data.
            stager: The scenes, in order.
        """

    def static_files(
        self,
        directories: Sequence[str | PathLike[str]],
    ) -> Self:
        """Serves directories of files to the study's pages, each at the address equal to its relative path.

        Args:
            directories: Directories below the folder of the experiment module. `pictures/a.png` is then found
                at that very address.
        """
