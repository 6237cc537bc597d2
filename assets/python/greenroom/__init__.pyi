# Generated from src/python/builders by `make types`; do not edit. A test fails when this file and the classes part.
"""Describes browser experiments with Python environments.

The environment's side, which runs in the browser too, is in modules of its own, such as `greenroom.rendering`.
"""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal, Protocol, Self, TypeAlias, TypedDict

from .callbacks import GameCallback as GameCallback
from .participant import Participant as Participant
from .rendering import Surface as Surface

class _Numpy(Protocol):
    def tolist(self) -> Any: ...

_Action: TypeAlias = bool | int | float | str | list[Any] | tuple[Any, ...] | dict[Any, Any] | _Numpy

class _Waiter(TypedDict):
    subject_id: str
    waited_ms: int
    rtt_ms: float | None
    partners: list[str]

class _Matchmaker: ...

_Matching: TypeAlias = _Matchmaker | Callable[[list[_Waiter], int], list[str] | list[list[str]] | None]

class _Policy: ...

class _Part: ...

class _Question: ...

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

class _Scene:
    """Any scene."""

    def skip_if(
        self,
        *,
        function: Callable[[Participant], bool] = ...,
        scene: str = ...,
        question: str = ...,
        result: Literal["score", "mean_score", "episodes", "steps"] = ...,
        globals_: str = ...,
        condition: str = ...,
        parameter: str = ...,
        equals: bool | int | float | str | Sequence[bool | int | float | str] = ...,
        any_of: Sequence[bool | int | float | str] = ...,
        at_least: float = ...,
        at_most: float = ...,
    ) -> Self:
        """Passes the scene over for those for whom this holds. Without an answer or a result it does not hold.
        Of several calls, one is enough.

        Args:
            function: Says it instead of a comparison. One that fails skips nothing.
            scene: The scene whose answers or results are looked at, at its last visit. `go_to` looks at its
                own scene unless set.
            question: The question of that scene whose answer is compared.
            result: What of that scene's game is compared: the sum of the participant's rewards over all
                episodes, the same divided by their number, that number, or the number of steps. Tutorial
                episodes do not count.
            globals_: Name of the value in the participant's globals that is compared.
            condition: Name of the Conditions whose level is compared.
            parameter: Name of the query parameter of the participant's link that is compared.
            equals: It holds if the value is this one. Where several options can be chosen, a list means
                exactly these.
            any_of: It holds if the value is one of these; where several options can be chosen, if one of them
                is.
            at_least: It holds if the value is not below this. From -1000000000000000 to 1000000000000000.
            at_most: It holds if the value is not above this. From -1000000000000000 to 1000000000000000.
        """

    def go_to(
        self,
        target: str | Callable[[Participant], str | None],
        *,
        scene: str = ...,
        question: str = ...,
        result: Literal["score", "mean_score", "episodes", "steps"] = ...,
        globals_: str = ...,
        condition: str = ...,
        parameter: str = ...,
        equals: bool | int | float | str | Sequence[bool | int | float | str] = ...,
        any_of: Sequence[bool | int | float | str] = ...,
        at_least: float = ...,
        at_most: float = ...,
    ) -> Self:
        """Leads from the scene to another one instead of the next, if this holds; without a comparison, always.
        Of several calls, the first that holds counts. It may lead back.

        Args:
            target: Where to. A function names the scene or the section, or returns None; one that fails leads
                nowhere.
            scene: The scene whose answers or results are looked at, at its last visit. `go_to` looks at its
                own scene unless set.
            question: The question of that scene whose answer is compared.
            result: What of that scene's game is compared: the sum of the participant's rewards over all
                episodes, the same divided by their number, that number, or the number of steps. Tutorial
                episodes do not count.
            globals_: Name of the value in the participant's globals that is compared.
            condition: Name of the Conditions whose level is compared.
            parameter: Name of the query parameter of the participant's link that is compared.
            equals: It holds if the value is this one. Where several options can be chosen, a list means
                exactly these.
            any_of: It holds if the value is one of these; where several options can be chosen, if one of them
                is.
            at_least: It holds if the value is not below this. From -1000000000000000 to 1000000000000000.
            at_most: It holds if the value is not above this. From -1000000000000000 to 1000000000000000.
        """

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

class StaticScene(_Scene):
    """A page to read."""

    def __init__(self) -> None:
        """Makes the scene."""

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
        """Says what participants read before the questions.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
        """

    def check(
        self,
        *,
        tries: int = ...,
        tell: bool = ...,
        on_failure: Literal["end", "scene", "continue"] = ...,
        failure_scene_id: str = ...,
    ) -> Self:
        """Makes the answers a check: those with a right answer (`correct`) must be right.

        Args:
            tries: How often the answers may be handed in; 2 unless set. From 1 to 100.
            tell: Whether participants are told which answers are wrong; True unless set.
            on_failure: What follows when the last try is wrong: 'end' leads to the last scene, with a code of
                its own; 'scene' to the scene of `failure_scene_id`; with 'continue' the study goes on, and
                the data tell. 'end' unless set.
            failure_scene_id: The scene, further on in the study, for on_failure='scene'.
        """

class SurveyScene(StaticScene):
    """A page with questions. The answers are stored as they are given."""

    def __init__(
        self,
        questions: Sequence[_Question],
        *,
        shuffle: bool = ...,
    ) -> None:
        """Makes the scene.

        Args:
            questions: The questions, in order.
            shuffle: Whether each participant gets the questions in an order of its own, which is recorded;
                False unless set.
        """

class TextBox(StaticScene):
    """A page with a text box (column `user-input`)."""

    def __init__(
        self,
        *,
        text_box_header: str = ...,
        required: bool = ...,
    ) -> None:
        """Makes the scene.

        Args:
            text_box_header: What stands above the text box; HTML.
            required: Whether the text box must be filled in; True unless set.
        """

class ScalesAndTextBox(StaticScene):
    """A page with sliders (columns `scale-0`, `scale-1`, ...) and a text box (`user-input`)."""

    def __init__(
        self,
        scale_questions: Sequence[str],
        *,
        pre_scale_header: str = ...,
        scale_size: int = ...,
        scale_labels: Sequence[str] | Sequence[Sequence[str]] = ...,
        text_box_header: str = ...,
        required: bool = ...,
    ) -> None:
        """Makes the scene.

        Args:
            scale_questions: What each scale asks; HTML.
            pre_scale_header: What stands above the scales; HTML.
            scale_size: Points of each scale; 21 unless set. From 2 to 1001.
            scale_labels: Words along the scales, spread evenly; five from 'Strongly Disagree' to 'Strongly
                Agree' unless set.
            text_box_header: What stands above the text box; HTML.
            required: Whether the text box must be filled in; True unless set.
        """

class OptionBoxes(StaticScene):
    """A page with options of which one is chosen (column `selected-option-box`)."""

    def __init__(
        self,
        options: Sequence[str],
        *,
        option_box_header: str = ...,
    ) -> None:
        """Makes the scene.

        Args:
            options: The options, of which one is chosen.
            option_box_header: What stands above the options; HTML.
        """

class OptionBoxesWithTextBox(StaticScene):
    """A page with options (column `selected-option-box`) and a text box (`user-input`)."""

    def __init__(
        self,
        options: Sequence[str],
        *,
        option_box_header: str = ...,
        text_box_header: str = ...,
        required: bool = ...,
    ) -> None:
        """Makes the scene.

        Args:
            options: The options, of which one is chosen.
            option_box_header: What stands above the options; HTML.
            text_box_header: What stands above the text box; HTML.
            required: Whether the text box must be filled in; True unless set.
        """

class OptionBoxesWithScalesAndTextBox(StaticScene):
    """A page with options (column `selected-option-box`), sliders (`scale-0`, ...) and a text box (`user-input`)."""

    def __init__(
        self,
        options: Sequence[str],
        scale_questions: Sequence[str],
        *,
        option_box_header: str = ...,
        pre_scale_header: str = ...,
        scale_size: int = ...,
        scale_labels: Sequence[str] | Sequence[Sequence[str]] = ...,
        text_box_header: str = ...,
        required: bool = ...,
    ) -> None:
        """Makes the scene.

        Args:
            options: The options, of which one is chosen.
            scale_questions: What each scale asks; HTML.
            option_box_header: What stands above the options; HTML.
            pre_scale_header: What stands above the scales; HTML.
            scale_size: Points of each scale; 21 unless set. From 2 to 1001.
            scale_labels: Words along the scales, spread evenly; five from 'Strongly Disagree' to 'Strongly
                Agree' unless set.
            text_box_header: What stands above the text box; HTML.
            required: Whether the text box must be filled in; True unless set.
        """

class MultipleChoice(StaticScene):
    """A page of questions with options (columns `mc-0`, `mc-1`, ...)."""

    def __init__(
        self,
        questions: Sequence[str],
        choices: Sequence[Sequence[str]],
        *,
        pre_questions_header: str = ...,
        multi_select: bool | Sequence[bool] = ...,
        images: Sequence[str | None] = ...,
    ) -> None:
        """Makes the scene.

        Args:
            questions: What is asked; HTML.
            choices: The options of each question.
            pre_questions_header: What stands above the questions; HTML.
            multi_select: Whether several options may be chosen; False unless set.
            images: Pictures above the questions: paths below the folder of the experiment module, in a folder
                that Experiment.static_files serves.
        """

class TextQuestion(_Question):
    """A question that is answered with a text."""

    def __init__(
        self,
        question_id: str,
        prompt: str,
        *,
        lines: int = ...,
        max_length: int = ...,
        placeholder: str = ...,
        required: bool = ...,
    ) -> None:
        """Describes the question.

        Args:
            question_id: The question's id, unlike that of every other question of the scene. It names the
                columns of its answers.
            prompt: What is asked; HTML.
            lines: Lines of the box; 1 unless set. From 1 to 40.
            max_length: Most characters; 2000 unless set. From 1 to 20000.
            placeholder: What stands in the empty box, as plain text.
            required: Whether the scene cannot be left without an answer; True unless set.
        """

class NumberQuestion(_Question):
    """A question that is answered with a number."""

    def __init__(
        self,
        question_id: str,
        prompt: str,
        *,
        minimum: float = ...,
        maximum: float = ...,
        whole: bool = ...,
        unit: str = ...,
        required: bool = ...,
    ) -> None:
        """Describes the question.

        Args:
            question_id: The question's id, unlike that of every other question of the scene. It names the
                columns of its answers.
            prompt: What is asked; HTML.
            minimum: The least that is allowed. From -1000000000000000 to 1000000000000000.
            maximum: The most that is allowed. From -1000000000000000 to 1000000000000000.
            whole: Whether the number must be whole; False unless set.
            unit: What stands behind the box, such as 'years'; plain text.
            required: Whether the scene cannot be left without an answer; True unless set.
        """

class ChoiceQuestion(_Question):
    """A question with options, of which one or several are chosen."""

    def __init__(
        self,
        question_id: str,
        prompt: str,
        options: Sequence[str] | Mapping[str, str],
        *,
        images: Sequence[str] = ...,
        several: bool = ...,
        at_least: int = ...,
        at_most: int = ...,
        shuffle: bool = ...,
        look: Literal["list", "boxes", "dropdown"] = ...,
        correct: str | Sequence[str] = ...,
        required: bool = ...,
    ) -> None:
        """Describes the question.

        Args:
            question_id: The question's id, unlike that of every other question of the scene. It names the
                columns of its answers.
            prompt: What is asked; HTML.
            options: The options; what participants read is HTML.
            images: Pictures of the options: paths below the folder of the experiment module, such as
                'pictures/a.png', in a folder that Experiment.static_files serves.
            several: Whether several may be chosen; False unless set.
            at_least: How many must be chosen; 1 unless set. Only with `several`. From 0 to 1000.
            at_most: How many may be chosen; all unless set. Only with `several`. From 1 to 1000.
            shuffle: Whether each participant gets the options in an order of its own, which is recorded;
                False unless set.
            look: What the options look like; 'list' unless set.
            correct: The right answer, by what the data say; see SurveyScene.check.
            required: Whether the scene cannot be left without an answer; True unless set.
        """

class ScaleQuestion(_Question):
    """A question that is answered with a point on a scale."""

    def __init__(
        self,
        question_id: str,
        prompt: str,
        *,
        points: int = ...,
        labels: Sequence[str] = ...,
        slider: bool = ...,
        required: bool = ...,
    ) -> None:
        """Describes the question.

        Args:
            question_id: The question's id, unlike that of every other question of the scene. It names the
                columns of its answers.
            prompt: What is asked; HTML.
            points: Number of points; 7 unless set. The data have the point's number, counted from 0. From 2
                to 1001.
            labels: Words along the scale, spread evenly; HTML.
            slider: Whether it is a slider, on which nothing is chosen before it is touched, instead of
                buttons; False unless set.
            required: Whether the scene cannot be left without an answer; True unless set.
        """

class GridQuestion(_Question):
    """A table with the same answers in every row, such as a Likert grid."""

    def __init__(
        self,
        question_id: str,
        prompt: str,
        rows: Sequence[str] | Mapping[str, str],
        columns: Sequence[str],
        *,
        shuffle: bool = ...,
        required: bool = ...,
    ) -> None:
        """Describes the question.

        Args:
            question_id: The question's id, unlike that of every other question of the scene. It names the
                columns of its answers.
            prompt: What is asked; HTML.
            rows: The rows; what participants read is HTML.
            columns: The answers; HTML. The data have the column's number, counted from 0.
            shuffle: Whether each participant gets the options in an order of its own, which is recorded;
                False unless set.
            required: Whether the scene cannot be left without an answer; True unless set.
        """

class ConsentQuestion(_Question):
    """A box to tick, without which the scene cannot be left."""

    def __init__(
        self,
        question_id: str,
        prompt: str,
        version: str,
        *,
        label: str = ...,
        required: bool = ...,
    ) -> None:
        """Describes the question.

        Args:
            question_id: The question's id, unlike that of every other question of the scene. It names the
                columns of its answers.
            prompt: What is asked; HTML.
            version: Version of the text that is consented to; it is recorded with the answer.
            label: What stands beside the box; HTML. 'I agree' unless set.
            required: Whether the scene cannot be left without an answer; True unless set.
        """

class GymScene(_Scene):
    """A game: an environment in the style of Gymnasium or PettingZoo, played in a browser."""

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
        policy_mapping: Mapping[Any, str | _Policy],
        *,
        frame_skip: int = ...,
    ) -> Self:
        """Says who acts for each agent of the environment.

        Args:
            policy_mapping: Who acts for each agent, by its id (str or int): 'human' (a participant; 1 to 16
                agents), 'random' (actions drawn from the agent's action space), a ModelConfig (a network), or
                a FunctionPolicy (a function of the environment's code). With several humans the scene has a
                waiting room.
            frame_skip: Frames from one choice of a bot to its next, for all that do not say it themselves; 1
                unless set. Between choices action_population_method of .gameplay(...) acts. From 1 to 3600.
        """

    def rendering(
        self,
        *,
        fps: int = ...,
        game_width: int = ...,
        game_height: int = ...,
        background: str = ...,
        background_image: str = ...,
        rollback_smoothing_duration: int = ...,
        frame_quality: int = ...,
        hud_text_fn: str = ...,
        hud_score_carry_over: bool = ...,
    ) -> Self:
        """Says how the game is drawn.

        Args:
            fps: Environment steps per second; 10 unless set. From 1 to 240.
            game_width: Width of the game in pixels; 600 unless set. From 16 to 4096.
            game_height: Height of the game in pixels; 400 unless set. From 16 to 4096.
            background: CSS colour behind the drawing; '#ffffff' unless set. The path of a picture is taken as
                background_image.
            background_image: Picture behind the drawing, stretched to the game's size: a path relative to
                assets_dir of .assets(...). None unless set.
            rollback_smoothing_duration: Milliseconds over which a correction of the picture is spread, 0 for
                none; 100 unless set. Takes effect only in games of several people or with
                mode='authoritative' of .runtime(...). From 0 to 1000.
            frame_quality: Quality of the pictures of an environment that draws pixels, as JPEG counts it; 85
                unless set. Only with mode='streamed' of .runtime(...). From 1 to 100.
            hud_text_fn: Name of the function in the environment's code, called with (env, agent), or of the
                environment's method, called with (agent), that gives the text above the game, or None for
                none. Unless set, `hud_text` and `get_hud_text` where they are there.
            hud_score_carry_over: Whether the score above the game goes on from episode to episode instead of
                beginning with each at 0; False unless set. Practice does not count.
        """

    def gameplay(
        self,
        *,
        action_mapping: Mapping[Any, _Action] = ...,
        key_labels: Mapping[Any, str] = ...,
        on_screen_controls: bool | Literal['auto'] = ...,
        pointer: Literal["click", "hold", "move"] = ...,
        default_action: _Action = ...,
        num_episodes: int = ...,
        tutorial_episodes: int = ...,
        episode_ready_check: bool = ...,
        max_steps: int = ...,
        input_mode: Literal["pressed_keys", "single_keystroke"] = ...,
        action_population_method: Literal["default_action", "previous_submitted_action"] = ...,
        reset_freeze_s: float = ...,
        callback: GameCallback | Any | Sequence[GameCallback | Any] = ...,
    ) -> Self:
        """Says how the game is played.

        Args:
            action_mapping: What each key, or tuple of keys held together, does. Keys have the names of a
                browser's KeyboardEvent.key: 'ArrowLeft', 'w', ' ' for the space bar; of a gamepad
                'Gamepad.A', 'Gamepad.Left'.
            key_labels: What keys are called in the legend and on buttons for fingers, such as {' ': 'Jump'};
                their own names unless set.
            on_screen_controls: Whether the page shows buttons for fingers, made of action_mapping: 'auto'
                where the finger is the main pointer; 'auto' unless set.
            pointer: Lets the mouse or a finger on the picture act, with the action {'x': ..., 'y': ...,
                'pressed': ...} in game pixels: once for each press ('click'), as long as it is pressed
                ('hold'), or in every frame ('move'). It does not act unless set.
            default_action: The action when no mapped key is pressed.
            num_episodes: Number of episodes; 1 unless set. From 1 to 1000.
            tutorial_episodes: Number of episodes for practice, which come before the others and do not count;
                0 unless set. From 0 to 100.
            episode_ready_check: Whether everybody presses a button before each episode but the first; with
                others, within ready_timeout_ms of .multiplayer(...). False unless set.
            max_steps: Most steps of an episode, after which it is truncated; 10000 unless set. From 1 to
                1000000.
            input_mode: Whether keys act as long as they are held, or each press acts once; 'pressed_keys'
                unless set.
            action_population_method: What the agent does in a step without an input; 'default_action' unless
                set.
            reset_freeze_s: Seconds of stillness after a reset, before the first step; 0 unless set. From 0 to
                60.
            callback: An object with methods such as on_game_end(event), or a list of such objects, told of
                what happens in this scene; see GameCallback. Nothing unless set.
        """

    def content(
        self,
        *,
        scene_header: str = ...,
        scene_subheader: str = ...,
        scene_body: str = ...,
        scene_body_filepath: str | PathLike[str] = ...,
        in_game_scene_header: str | Mapping[Any, str] = ...,
        in_game_scene_body: str | Mapping[Any, str] = ...,
        in_game_scene_body_filepath: str | PathLike[str] = ...,
        game_page_html_fn: Callable[[Participant, str], str] = ...,
    ) -> Self:
        """Says what participants read before and during the game.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
            in_game_scene_header: Title beside the running game; a dict gives each agent's player its own.
                None unless set.
            in_game_scene_body: HTML beside the running game; a dict gives each agent's player its own. None
                unless set.
            in_game_scene_body_filepath: File with the HTML beside the running game, instead of
                `in_game_scene_body`.
            game_page_html_fn: A function of the experiment module, called with (participant, agent) when a
                game begins, that returns the HTML beside that player's game. If it fails, in_game_scene_body
                stands there. Nothing unless set.
        """

    def assets(
        self,
        assets_dir: str | PathLike[str],
        *,
        assets_to_preload: Sequence[str | Mapping[str, Any]] = ...,
        preload_specs: Sequence[str | Mapping[str, Any]] = ...,
        animation_configs: Sequence[Mapping[str, Any]] = ...,
    ) -> Self:
        """Serves the pictures and sounds of the environment, and says what browsers load before the game begins.

        Args:
            assets_dir: Directory of the pictures and sounds.
            assets_to_preload: What browsers load before the game begins, beside what the environment
                registers when it is made: paths relative to assets_dir, or dicts in the form of
                Surface.get_asset_specs(). Nothing more unless set.
            preload_specs: The same as assets_to_preload; what both say is loaded.
            animation_configs: Animations, for environments that do not register them on their surface: dicts
                with name, image_name, frames, fps (whole; 10 unless set) and repeat (True unless set). None
                unless set.
        """

    def runtime(
        self,
        *,
        environment_initialization_code: str = ...,
        environment_initialization_code_filepath: str | PathLike[str] = ...,
        packages_to_install: list[str] | tuple[str, ...] = ...,
        on_game_step_code: str = ...,
        mode: Literal["browser", "authoritative", "streamed"] = ...,
    ) -> Self:
        """Gives the environment: Python source that leaves it in a variable `env`. It is compiled here, and run
        where the game runs.

        Args:
            environment_initialization_code: The source.
            environment_initialization_code_filepath: File with the source, instead of
                `environment_initialization_code`.
            packages_to_install: What the environment needs; nothing unless set. Browsers get it from the
                service; where the service runs the environment (`mode`), its virtual environment must have it
                too.
            on_game_step_code: Python source that is run before every step.
            mode: Where the environment runs: in each participant's browser; there and on the service, whose
                copy is the reference; or on the service only, which sends pictures. 'browser' unless set.
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

    def bonus(
        self,
        function: Callable[[Participant], float],
        *,
        text: str = ...,
        decimals: int = ...,
    ) -> Self:
        """Has a bonus computed for each participant when the game is over. It is recorded.

        Args:
            function: A function of the experiment module, called with a Participant, that returns a number.
                If it fails, there is no bonus, and the data and the log say why.
            text: What the last page says of it, with `{bonus}` for the number, such as 'Your bonus: {bonus}
                €'. Nothing unless set.
            decimals: Decimals of the number in `text`; 2 unless set. From 0 to 6.
        """

    def multiplayer(
        self,
        *,
        input_delay: int = ...,
        max_prediction: int = ...,
        snapshot_interval: int = ...,
        hash_interval: int = ...,
        state_broadcast_interval: int = ...,
        on_desync: Literal["heal", "end"] = ...,
        on_absence: Literal["pause", "continue", "bot"] = ...,
        reconnection_timeout_ms: int = ...,
        absence_limit_ms: int = ...,
        load_timeout_ms: int = ...,
        ready_timeout_ms: int = ...,
        partner_disconnect_message: str | None = ...,
    ) -> Self:
        """Says how a game of several people is held together. Takes effect with two or more 'human' agents, or
        where the service runs the environment: .runtime(mode='authoritative') or 'streamed'.

        Args:
            input_delay: Frames between a key press and the frame that it is for. More delay, fewer
                corrections; 0 unless set. From 0 to 60.
            max_prediction: Most frames that a browser runs ahead of the confirmed ones; 8 unless set. From 1
                to 60.
            snapshot_interval: Frames between two states that a browser keeps to roll back to; 3 unless set.
                From 1 to 60.
            hash_interval: Frames between two comparisons of the browsers' states; 30 unless set. From 1 to
                3600.
            state_broadcast_interval: Frames between two states of the service's copy that every browser
                adopts; 30 unless set. Only with mode='authoritative' of .runtime(...). From 1 to 3600.
            on_desync: What follows when a browser's state differs from the reference: it adopts that one, or
                the game ends; 'heal' unless set.
            on_absence: What happens while a player is away: the game pauses; it goes on, with what
                action_population_method says for the player; or it goes on with a bot that draws actions from
                action_mapping. 'pause' unless set.
            reconnection_timeout_ms: Longest single absence in milliseconds; then the game ends for everybody.
                30000 unless set, 120000 for a person who plays alone. From 1000 to 3600000.
            absence_limit_ms: Longest time in milliseconds that a player may be away in the whole game. Unless
                set 90000, or reconnection_timeout_ms where that is longer; 600000 for a person who plays
                alone. From 1000 to 7200000.
            load_timeout_ms: Longest time in milliseconds from the match until everybody is ready for the
                first episode; 60000 unless set. From 1000 to 3600000.
            ready_timeout_ms: Longest time in milliseconds until everybody is ready for the next episode;
                30000 unless set. From 1000 to 3600000.
            partner_disconnect_message: HTML that players read whose partner is lost; a text of Greenroom's
                unless set.
        """

    def waitroom(
        self,
        *,
        timeout: int = ...,
        on_timeout: Literal["end", "scene", "bot"] = ...,
        timeout_scene_id: str | None = ...,
        timeout_message: str | None = ...,
        matchmaker: _Matching | None = ...,
        hide_lobby_count: bool = ...,
    ) -> Self:
        """Says how the people of a scene find each other, and wait for a place on the service. Takes effect with
        two or more 'human' agents, or where the service runs the environment: .runtime(mode='authoritative')
        or 'streamed'.

        Args:
            timeout: Longest wait in milliseconds; 120000 unless set. From 1000 to 7200000.
            on_timeout: What follows for somebody who has waited in vain: the last scene, with a code for the
                wait; the scene timeout_scene_id; or a game with bots in the empty seats. 'end' unless set.
            timeout_scene_id: The scene that follows with on_timeout='scene'; it must come after this one.
            timeout_message: HTML for somebody who has waited in vain; a text of Greenroom's unless set.
            matchmaker: Who plays with whom: a matchmaker, or a function that takes those who wait (dicts with
                subject_id, waited_ms, rtt_ms and partners; the longest wait first) and the size of a group,
                and returns one group of ids, a list of groups, or None. First come, first served unless set.
            hide_lobby_count: Whether waiting people are not told how many they are; False unless set.
        """

    def monitoring(
        self,
        *,
        max_ping: int = ...,
        ping_violation_window: int = ...,
        ping_required_violations: int = ...,
        tab_warning_ms: int = ...,
        tab_exclude_ms: int = ...,
        exclusion_messages: Mapping[Literal["ping_warning", "ping_exclude", "tab_warning", "tab_exclude"], str] = ...,
        callback: Callable[[Any, Any], Any] | None = ...,
        callback_interval_s: float = ...,
    ) -> Self:
        """Watches players while they play: their connection, as the service measures it every second, and how
        long the page is out of sight. Whoever is over a limit is warned, then excluded: leaves with the code
        for `excluded`, while the others go on as after any player who leaves.

        Args:
            max_ping: Longest round trip in milliseconds; any unless set. From 1 to 60000.
            ping_violation_window: How many of the last measurements are looked at; 5 unless set. From 1 to
                120.
            ping_required_violations: How many of them must be longer than max_ping for an exclusion; 3 unless
                set. A single one is a warning. From 1 to 120.
            tab_warning_ms: Milliseconds that the page is out of sight before a warning; none unless set. From
                1000 to 3600000.
            tab_exclude_ms: Milliseconds that the page is out of sight before an exclusion; none unless set.
                From 1000 to 3600000.
            exclusion_messages: What players read; texts of Greenroom's unless set.
            callback: Asked again and again while the game is played. It takes the participant and a dict with
                ping, pings, is_tab_hidden and tab_hidden_duration_ms, and returns None, or a dict such as
                {'warn': True, 'message': '...'} or {'exclude': True, 'message': '...'}. If it fails, it
                counts as None.
            callback_interval_s: Seconds between two calls of the function; 10 unless set. From 1 to 3600.
        """

class HtmlScene(_Scene):
    """An HTML page of your own, with scripts of its own, in a frame. It speaks with the service through `greenroom-scene.js`."""

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
        """Says what participants read above the frame.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
        """

    def page(
        self,
        path: str | PathLike[str],
        *,
        document: str = ...,
        width: int = ...,
        height: int = ...,
        settings: Mapping[str, Any] = ...,
        allow_continue_on: str | Sequence[str] = ...,
        continue_button: bool = ...,
        preload: bool = ...,
    ) -> Self:
        """Says which page is shown, and how.

        Args:
            path: A folder with the page and its files, of which all are served, or a single HTML file.
            document: The page's file in the folder; `index.html` unless set.
            width: Width of the page's frame in CSS pixels; all there is unless set. From 100 to 10000.
            height: Height of the page's frame in CSS pixels; as high as the page is unless set. From 100 to
                10000.
            settings: Whatever the page shall be told: it finds it in `greenroom.settings`.
            allow_continue_on: There is a button that leads on once something was saved under this name, or
                under one of these.
            continue_button: Whether there is a button that leads on, besides `greenroom.advance()`. False
                unless set, but with `allow_continue_on` and `num_episodes` there is one.
            preload: Whether the pages before this scene load its files already; False unless set.
        """

    def game(
        self,
        *,
        num_episodes: int = ...,
        score_fn: Callable[[Any], float] | None = ...,
    ) -> Self:
        """Says how many episodes there are, and how each is scored.

        Args:
            num_episodes: Episodes after which the scene may be left; unless set, that is up to the page. From
                1 to 10000.
            score_fn: Called on the service with what an episode ended with; returns the episode's score.
                Unless set, the score is that number, or `score` of that object, or 0.
        """

    def hooks(
        self,
        *,
        on_episode_start: Callable[[Participant, Any], Any] | None = ...,
        on_episode_end: Callable[[Participant, Any], Any] | None = ...,
        on_message: Callable[[Participant, Any], Any] | None = ...,
    ) -> Self:
        """Has functions of yours called for what the page does. What they return is sent to the page, unless it
        is None.

        Args:
            on_episode_start: Called when an episode begins, with what the page says of it.
            on_episode_end: Called when an episode is over, with what the page says of it.
            on_message: Called with each message of the page (`greenroom.message`).
        """

class UnityScene(_Scene):
    """A WebGL build of Unity's in a frame. It speaks with the service through `greenroom`, as an HtmlScene does."""

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
        """Says what participants read above the frame.

        Args:
            scene_header: Title of the page.
            scene_subheader: Smaller title below it.
            scene_body: HTML of the page.
            scene_body_filepath: File with the HTML of the page, instead of `scene_body`.
        """

    def webgl(
        self,
        build_name: str,
        directory: str | PathLike[str],
        *,
        width: int = ...,
        height: int = ...,
        settings: Mapping[str, Any] = ...,
        allow_continue_on: str | Sequence[str] = ...,
        preload_game: bool = ...,
        receiver: tuple[str, str] = ...,
    ) -> Self:
        """Says which WebGL build is loaded, and how it is shown.

        Args:
            build_name: The name that the build's files begin with: `NAME.loader.js` and others.
            directory: The folder with the build: with `NAME.loader.js` in it, in `Build`, or in `NAME/Build`.
                Compressed builds (.br, .gz, .unityweb) are served as such.
            width: Width of the picture in CSS pixels; 960 unless set. From 100 to 10000.
            height: Height of the picture in CSS pixels; 600 unless set. From 100 to 10000.
            settings: Whatever the page shall be told: it finds it in `greenroom.settings`.
            allow_continue_on: The button leads on once something was saved under this name, or under one of
                these, and not when all episodes are over.
            preload_game: Whether the pages before this scene load the build already; True unless set.
            receiver: What is sent to the build goes to this method, as JSON; scripts in the build can ask for
                it besides.
        """

    def game(
        self,
        *,
        num_episodes: int = ...,
        score_fn: Callable[[Any], float] | None = ...,
    ) -> Self:
        """Says how many episodes there are, and how each is scored.

        Args:
            num_episodes: Episodes after which the scene may be left; 1 unless set. From 1 to 10000.
            score_fn: Called on the service with what an episode ended with; returns the episode's score.
                Unless set, the score is that number, or `score` of that object, or 0.
        """

    def hooks(
        self,
        *,
        on_episode_start: Callable[[Participant, Any], Any] | None = ...,
        on_episode_end: Callable[[Participant, Any], Any] | None = ...,
        on_message: Callable[[Participant, Any], Any] | None = ...,
    ) -> Self:
        """Has functions of yours called for what the page does. What they return is sent to the page, unless it
        is None.

        Args:
            on_episode_start: Called when an episode begins, with what the page says of it.
            on_episode_end: Called when an episode is over, with what the page says of it.
            on_message: Called with each message of the page (`greenroom.message`).
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
        append_code: bool = ...,
        parameters: Mapping[str, str] = ...,
        after_s: float = ...,
        outcomes: Mapping[str, str | None] = ...,
    ) -> Self:
        """Says where the page's button leads, once everything is stored. Addresses and parameters may have holes
        that are filled for each participant: {subject_id}, {code}, {outcome}, and parameters of the study's
        link such as {PROLIFIC_PID}.

        Args:
            url: Where the button leads, for example the completion page of a recruiting panel.
            append_subject_id: Whether the participant's id is appended to the address; False unless set.
            append_code: Whether the participant's code is appended to the address; False unless set.
            parameters: Parameters that are added to the address; the texts may have holes. None unless set.
            after_s: Seconds after which the last page leads there by itself; only its button does unless set.
                From 1 to 600.
            outcomes: Other addresses for those who leave otherwise; whoever's outcome is not named goes to
                `url`.
        """

class CompletionCodeScene(EndScene):
    """The last page of a study, which shows the participant's code. The service draws it, unless Experiment.completion_codes(...) says which."""

    def __init__(self) -> None:
        """Makes an empty scene."""

class ModelConfig(_Policy):
    """A trained network in an ONNX file that acts for an agent."""

    def __init__(
        self,
        onnx_path: str | PathLike[str],
        obs_input: str,
        logit_output: str,
        *,
        state_inputs: list[str] | tuple[str, ...] | None = ...,
        state_outputs: list[str] | tuple[str, ...] | None = ...,
        state_shape: list[int] | tuple[int, ...] | None = ...,
        fixed_inputs: Mapping[str, float] | None = ...,
        frame_skip: int = ...,
        choice: Literal["argmax", "softmax"] = ...,
        temperature: float = ...,
    ) -> None:
        """Describes a network. The file is read when the service starts.

        Args:
            onnx_path: The ONNX file, relative to the folder of the experiment module.
            obs_input: Name of the network's input that takes the agent's observation.
            logit_output: Name of the network's output that gives one number for each action.
            state_inputs: Names of inputs that take what the outputs at the same places of state_outputs gave
                last, for networks with a memory; zeros at the start of an episode. Given together with
                state_outputs and state_shape.
            state_outputs: Names of the outputs that belong to state_inputs, in the same order.
            state_shape: Shape of each of these states.
            fixed_inputs: Further inputs that always take the same number, by name.
            frame_skip: Frames from one choice to the next; what .policies(frame_skip=...) says unless set.
                From 1 to 3600.
            choice: How the numbers become an action: the greatest, or drawn from their softmax, seeded by the
                episode. 'argmax' unless set.
            temperature: By which the numbers are divided before the softmax; 1 unless set. Only with
                choice='softmax'. From 0.001 to 1000.
        """

class FunctionPolicy(_Policy):
    """A function of the environment's own code that acts for an agent."""

    def __init__(
        self,
        function: str,
        *,
        frame_skip: int = ...,
    ) -> None:
        """Names the function.

        Args:
            function: Name of a function in the environment's code; called as name(observation, random), where
                random is a random.Random seeded by the episode, it returns an action.
            frame_skip: Frames from one choice to the next; what .policies(frame_skip=...) says unless set.
                From 1 to 3600.
        """

class FifoMatchmaker(_Matchmaker):
    """Who came first plays first."""

    def __init__(self) -> None:
        """Makes the matchmaker that a scene has unless another is set."""

class LatencyFifoMatchmaker(_Matchmaker):
    """Who came first plays first, with those whose connection fits. A round trip that is not known yet excludes nobody."""

    def __init__(
        self,
        *,
        max_rtt_sum_ms: int = ...,
        max_rtt_difference_ms: int = ...,
    ) -> None:
        """Makes the matchmaker, with one limit or both. They hold for each two players of a group.

        Args:
            max_rtt_sum_ms: Most milliseconds that the round trips of two players to the service add up to:
                about the delay between them. From 1 to 60000.
            max_rtt_difference_ms: Most milliseconds by which the round trips of two players differ: nobody
                has an advantage. From 1 to 60000.
        """

class GroupReunionMatchmaker(_Matchmaker):
    """Those who played together in an earlier scene play together again."""

    def __init__(
        self,
        *,
        fallback: FifoMatchmaker | LatencyFifoMatchmaker | None = ...,
        fallback_after_ms: int = ...,
    ) -> None:
        """Makes the matchmaker.

        Args:
            fallback: Who matches those who have not played yet, and those whose partners did not come; nobody
                unless set.
            fallback_after_ms: Milliseconds that somebody waits for former partners before the fallback; 60000
                unless set. From 0 to 7200000.
        """

class RandomizeOrder(_Part):
    """Scenes in an order that is drawn for each participant."""

    def __init__(
        self,
        scenes: Sequence[_Scene | _Part],
        *,
        keep_n: int = ...,
    ) -> None:
        """Scenes in an order that is drawn for each participant.

        Args:
            scenes: The scenes. What stands in a part of its own stays together.
            keep_n: How many of them each participant gets; all unless set. From 1 to 1000.
        """

class RepeatScene(_Part):
    """Scenes several times over. What is drawn in them is drawn anew each time."""

    def __init__(
        self,
        scenes: Sequence[_Scene | _Part],
        n: int,
    ) -> None:
        """Scenes several times over. What is drawn in them is drawn anew each time.

        Args:
            scenes: The scenes.
            n: How often they come. From 1 to 1000.
        """

class Section(_Part):
    """Scenes with a common name, shown in the data, to which .go_to(...) can lead."""

    def __init__(
        self,
        name: str,
        scenes: Sequence[_Scene | _Part],
    ) -> None:
        """Scenes with a common name, shown in the data, to which .go_to(...) can lead.

        Args:
            name: The name, unlike that of every scene and other section.
            scenes: The scenes.
        """

class Conditions(_Part):
    """A between-subject condition: each participant gets the scenes of one level. The levels are kept in balance."""

    def __init__(
        self,
        name: str,
        levels: Mapping[str, Sequence[_Scene | _Part]],
        *,
        quotas: Mapping[str, int] = ...,
        per: Literal["person", "group"] = ...,
        when_full: Literal["continue", "end"] = ...,
        reopen_after_s: int = ...,
    ) -> None:
        """A between-subject condition: each participant gets the scenes of one level. The levels are kept in
        balance.

        Args:
            name: The condition's name, unlike that of every other one; in the data.
            levels: The scenes of each level. A scene may stand in several levels.
            quotas: How many get each level at most; levels fill in proportion. No limits, and equal shares,
                unless set.
            per: Who gets a level together: each for itself, or those who last played a game together;
                'person' unless set. Quotas count these.
            when_full: What follows when every level has its quota: the study goes on without any of the
                levels, or it ends with a code for study_full; 'continue' unless set.
            reopen_after_s: Time, in seconds, after which somebody who is away has dropped out, so that its
                place is free again; 1800 unless set. From 60 to 604800.
        """

class Stager:
    """The ordered scenes of a study."""

    def __init__(
        self,
        scenes: Sequence[_Scene | _Part],
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
        *,
        seed: int = ...,
        subject_parameter: str = ...,
    ) -> Self:
        """Names the study and gives it its scenes.

        Args:
            experiment_id: The study's name. It names the folder of the study's data.
            stager: The scenes, in order.
            seed: From which the orders of scenes and the levels of conditions are drawn; 1 unless set. From 0
                to 4294967295.
            subject_parameter: The parameter of the study's link that names the participant, as a panel sends
                it: such as 'workerId'; 'PROLIFIC_PID' unless set.
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

    def bonus(
        self,
        function: Callable[[Participant], float],
        *,
        text: str = ...,
        decimals: int = ...,
    ) -> Self:
        """Has a bonus computed for each participant who comes to the last scene. It is recorded.

        Args:
            function: A function of the experiment module, called with a Participant, that returns a number.
                If it fails, there is no bonus, and the data and the log say why.
            text: What the last page says of it, with `{bonus}` for the number, such as 'Your bonus: {bonus}
                €'. Nothing unless set.
            decimals: Decimals of the number in `text`; 2 unless set. From 0 to 6.
        """

    def callbacks(
        self,
        callbacks: GameCallback | Any | Sequence[GameCallback | Any],
    ) -> Self:
        """Has code of yours called when something has happened.

        Args:
            callbacks: An object with methods such as on_game_end(event), or a list of such objects, told of
                everything that happens in the study; see GameCallback. A scene's own are given with
                GymScene.gameplay(callback=...).
        """

    def globals(
        self,
        values: Mapping[str, Any],
        *,
        merge: Mapping[str, Literal['last', 'sum', 'max', 'min', 'append']] = ...,
    ) -> Self:
        """Declares values that scenes and environments share. Each participant has its own.

        Args:
            values: The values, by name, as they are for everybody who comes. Environments have them in the
                dict `globals_`.
            merge: How a value that is set meets the one that is there: 'last' replaces it, 'sum' is added, of
                'max' and 'min' the greater or smaller one stays, 'append' is put at the end of a list. 'last'
                unless set.
        """

    def entry_screening(
        self,
        *,
        device_exclusion: Literal["mobile", "desktop"] | None = ...,
        browser_requirements: Sequence[str] | Mapping[str, int] = ...,
        browser_blocklist: Sequence[str] = ...,
        max_ping: int = ...,
        min_ping_measurements: int = ...,
        min_screen: tuple[int, int] = ...,
        min_window: tuple[int, int] = ...,
        exclusion_messages: Mapping[Literal["mobile", "desktop", "browser", "screen", "window", "ping", "callback"], str] = ...,
        entry_callback: Callable[[Any, Any], Any] | None = ...,
    ) -> Self:
        """Says who may take part. It is judged by the service while the start scene is read: by what the browser
        tells about itself, and by round trips that the service measures. Whoever is not let in reads why, and
        leaves with the code for `screened_out`.

        Args:
            device_exclusion: A kind of device that is not let in: 'mobile' for phones and tablets; nobody
                unless set.
            browser_requirements: Browsers of which one is needed, with their oldest versions if they are a
                dict; any unless set.
            browser_blocklist: Browsers that are not let in, even where they are among browser_requirements;
                none unless set.
            max_ping: Longest median round trip between the browser and the service, in milliseconds; any
                unless set. From 1 to 60000.
            min_ping_measurements: Measurements that the median is taken of; 5 unless set. After ten seconds
                those that are there count. From 1 to 9.
            min_screen: Least width and height of the screen, in CSS pixels; any unless set.
            min_window: Least width and height of the browser's window; any unless set.
            exclusion_messages: What those read who are not let in, by what they do not meet; texts of
                Greenroom's unless set.
            entry_callback: Decides about those who meet everything else. It takes the participant and a dict
                with ping, browser_name, browser_version, device_type, os_name, screen and window, and returns
                None or True to let in, False not to, or a dict such as {'exclude': True, 'message': '...'}.
                If it fails, the participant is let in.
        """

    def completion_codes(
        self,
        *,
        complete: str = ...,
        screened_out: str = ...,
        excluded: str = ...,
        no_partner: str = ...,
        left_waiting: str = ...,
        partner_lost: str = ...,
        absent: str = ...,
        failed_check: str = ...,
        study_full: str = ...,
        desync: str = ...,
        failed: str = ...,
    ) -> Self:
        """Gives everybody who comes to the end a code, and says which. For an outcome that is not named, the
        service draws a code that nobody else gets.

        Args:
            complete: For those who go through the whole study.
            screened_out: For those who are not let in by .entry_screening(...).
            excluded: For those who may not go on by .monitoring(...) of a game.
            no_partner: For those who waited in vain for others to play with.
            left_waiting: For those who did not want to wait for others any longer.
            partner_lost: For those whose game ended because another player left.
            absent: For those whose game ended because they were away for too long.
            failed_check: For those whose answers to a .check(...) were wrong once too often.
            study_full: For those who come when enough people have taken part.
            desync: For those whose game ended because its copies did not stay equal.
            failed: For those whose game ended because the environment failed.
        """

    def prolific(
        self,
        complete: str,
        *,
        screened_out: str = ...,
        excluded: str = ...,
        no_partner: str = ...,
        left_waiting: str = ...,
        partner_lost: str = ...,
        absent: str = ...,
        failed_check: str = ...,
        study_full: str = ...,
        desync: str = ...,
        failed: str = ...,
        after_s: float = ...,
    ) -> Self:
        """Makes the study one for Prolific: PROLIFIC_PID names the participant, and every end scene without a
        redirect of its own leads back with the completion code of the outcome. Whoever may not take part or
        go on and has no code here is shown one of the service's, and is not led back.

        Args:
            complete: The completion code of the study, for those who go through all of it.
            screened_out: For those who are not let in by .entry_screening(...).
            excluded: For those who may not go on by .monitoring(...) of a game.
            no_partner: For those who waited in vain for others to play with.
            left_waiting: For those who did not want to wait for others any longer.
            partner_lost: For those whose game ended because another player left.
            absent: For those whose game ended because they were away for too long.
            failed_check: For those whose answers to a .check(...) were wrong once too often.
            study_full: For those who come when enough people have taken part.
            desync: For those whose game ended because its copies did not stay equal.
            failed: For those whose game ended because the environment failed.
            after_s: Seconds after which the last page leads there by itself; only its button does unless set.
                From 1 to 600.
        """

    def language(
        self,
        language: str,
        *,
        texts: Mapping[str, str | Mapping[str, str]] = ...,
        base: Literal["en", "de"] = ...,
        direction: Literal["ltr", "rtl"] = ...,
    ) -> Self:
        """Sets the language of everything that participants read and that you have not written: buttons, the
        waiting room, what is missing in a form, what went wrong. English without this call.

        Args:
            language: Its tag, which screen readers and the browser's translation go by, too. 'en' and 'de'
                are built in; for any other, give the texts.
            texts: Texts of your own, by their keys. The keys and the English words are in
                `assets/client/texts/en.json`; {places} in braces are filled in. Those that you do not give
                stay as they are in the base language.
            base: Language of the texts that you do not give. That of the same name where it is built in, else
                'en'.
            direction: Direction in which it is written: from left to right or from right to left. Known for
                all common languages without this option.
        """
