"""Pages, pages with questions, the stager and what stands in it.

Each scene of theirs holds the scene of Greenroom that it becomes. It is made at once, so that Greenroom knows the script's
line, and every call is passed on at once, so that a mistake is told there.
"""

from __future__ import annotations

from html import escape

import greenroom

from . import pages, paths
from .attributes import Attributes, Elements, unheard
from .notes import refuse
from .options import Options, html, met, path, same

_METADATA = met(True, False, advice="metadata of every scene is always exported: give True or False")
_CONFIG = met({}, advice="write what a page needs into its scene_body, and what functions need into the script")

SCENE = {"scene_id": same, "experiment_config": _CONFIG, "should_export_metadata": _METADATA}
DISPLAY = {"scene_header": same, "scene_subheader": same, "scene_body": html, "scene_body_filepath": path}

_ELEMENTS = (
    "ask with the questions of greenroom (SurveyScene([TextQuestion(...), ...])), whose answers are stored as they are given, "
    "or write a page of your own as HtmlScene, which saves with greenroom.save(...); see docs/embedding.md"
)


def real(scene):
    """The scene of Greenroom; one that is so already stays."""
    return scene.greenroom if isinstance(scene, Scene) else scene


def passed_on(theirs, name):
    """What Greenroom's object has and ``theirs`` does not, such as ``skip_if`` of a scene."""
    if name == "greenroom" or name[:2] == "__":
        raise AttributeError(name)
    found = getattr(theirs.greenroom, name)
    if not callable(found):
        return found

    def method(*arguments, **named):
        returned = found(*arguments, **named)
        return theirs if returned is theirs.greenroom else returned

    return method


class Scene(Attributes):
    """What all scenes of theirs have."""

    builder = "StaticScene"
    order: dict = {}  # options of the constructor
    tables: dict = {"scene": SCENE, "display": DISPLAY}

    def __init__(self, *arguments, **named):
        given = Options(type(self).__name__, self.order).read(arguments, named)
        self.greenroom = getattr(greenroom, self.builder)(**given[type(self).__name__])
        self._check_hooks()

    def scene(self, *arguments, **named):
        """Names the scene."""
        return self.call("scene", arguments, named)

    def display(self, *arguments, **named):
        """Says what participants read."""
        return self.call("display", arguments, named)

    def call(self, method, arguments, named):
        """Pass a call on."""
        if method not in self.tables:
            getattr(self.greenroom, method)  # tells what there is instead
        self.keep(method, arguments, named)
        title = f"{self.builder}.{method}"
        for target, options in Options(title, self.tables[method]).read(arguments, named).items():
            pages.look(title, options)
            self.give(target, options)
        return self

    def give(self, method, options):
        """Call a method of Greenroom's scene."""
        if method == "scene":
            self._scene_id = options.get("scene_id")
        getattr(self.greenroom, method)(**options)

    def finish(self, directories: dict[str, str]) -> None:
        """The study is complete: what could not be said before is said now. Its directories of files, by address."""

    def parts(self) -> list:
        """Scenes in it."""
        return []

    @property
    def scene_id(self) -> str:
        """The scene's name."""
        return self.__dict__.get("_scene_id")

    @scene_id.setter
    def scene_id(self, value):
        self.scene(scene_id=value)

    @property
    def element_ids(self):
        """Elements of the page whose values their server collected."""
        return Elements(lambda value: refuse(type(self).__name__, "element_ids", value, _ELEMENTS))

    @element_ids.setter
    def element_ids(self, value):
        if value:
            refuse(type(self).__name__, "element_ids", value, _ELEMENTS)

    def __getattr__(self, name):
        return passed_on(self, name)

    def __repr__(self):
        return repr(self.greenroom)

    def _check_hooks(self):
        self.check_class()
        if not isinstance(type(self).element_ids, property):
            refuse(type(self).__name__, "element_ids", type(self).element_ids, _ELEMENTS)
        for name in ("activate", "deactivate", "on_connect", "on_client_callback", "build", "unpack", "get_complete_metadata"):
            if hasattr(type(self), name):
                raise TypeError(
                    f"{type(self).__name__}.{name} would never be called: Greenroom runs scenes itself. What a page decides "
                    "goes into its own script (HtmlScene, see docs/embedding.md); what the study decides into functions of "
                    "the participant (skip_if, go_to)"
                )


class StaticScene(Scene):
    """A page to read."""


class StartScene(Scene):
    """The first page."""

    builder = "StartScene"


class EndScene(Scene):
    """The last page."""

    builder = "EndScene"
    tables = {**Scene.tables, "redirect": {"url": same, "append_subject_id": same}}

    def redirect(self, *arguments, **named):
        """Says where the page's button leads."""
        return self.call("redirect", arguments, named)


class CompletionCodeScene(EndScene):
    """The last page, with a code."""

    builder = "CompletionCodeScene"


_TEXT = {"text_box_header": html}
_SCALES = {"pre_scale_header": html, "scale_questions": same}
_LABELS = {"scale_size": same, "scale_labels": same}


class TextBox(StaticScene):
    """A page with a text box."""

    builder = "TextBox"
    order = {**_TEXT, "required": same}


class ScalesAndTextBox(StaticScene):
    """A page with sliders and a text box."""

    builder = "ScalesAndTextBox"
    order = {**_TEXT, **_SCALES, **_LABELS}


class OptionBoxes(StaticScene):
    """A page with options."""

    builder = "OptionBoxes"
    order = {"options": same, "option_box_header": html}


class OptionBoxesWithTextBox(StaticScene):
    """A page with options and a text box."""

    builder = "OptionBoxesWithTextBox"
    order = {"options": same, **_TEXT, "option_box_header": html}


class OptionBoxesWithScalesAndTextBox(StaticScene):
    """A page with options, sliders and a text box."""

    builder = "OptionBoxesWithScalesAndTextBox"
    order = {"options": same, **_TEXT, **_SCALES, "option_box_header": html, **_LABELS}


class MultipleChoice(StaticScene):
    """A page of questions with options."""

    builder = "MultipleChoice"
    order = {
        "pre_questions_header": html, "questions": same, "choices": same, "multi_select": same, "images": same,
    }  # fmt: skip

    def __init__(self, *arguments, **named):
        given = {**dict(zip(self.order, arguments)), **named}
        self.addresses: list[str] = []  # of pictures that are not below the script's folder, as pages know them
        questions, images = given.get("questions"), given.get("images")
        lists = isinstance(questions, (list, tuple)) and isinstance(images, (list, tuple))
        if len(arguments) <= len(self.order) and lists and len(questions) == len(images):
            pairs = [self._above(*pair) for pair in zip(questions, images)]
            given["questions"], given["images"] = ([pair[side] for pair in pairs] for side in (0, 1))
            arguments, named = (), given
        super().__init__(*arguments, **named)

    def _above(self, question, image):
        """A question with its picture. Theirs was an address, seen from the folder that the server was started from."""
        if not isinstance(image, str) or not isinstance(question, str):
            return question, image
        address = image.lstrip("/").removeprefix("./")
        if not paths.is_elsewhere(address):
            return question, address if paths.root_of(address) else image
        self.addresses.append(address)
        return f'<img alt="" src="{escape(address)}">{question}', None


# ------------------------------------------------------------------------------------------------------ the stager


_ORDER = (
    "the service keeps the order; say it with RandomizeOrder, Conditions, Section, or .skip_if(...) and .go_to(...) of scenes, "
    "which may be functions of the participant; see docs/guide.md#order-branching-conditions"
)
_STEPS = ("build_instance", "start", "advance", "resume", "get_state", "set_state", "get_current_scene", "on_connect")


def _list(title, scenes):
    if isinstance(scenes, (Scene, tuple)):
        scenes = [scenes] if isinstance(scenes, Scene) else list(scenes)
    if not isinstance(scenes, list):
        raise TypeError(f"{title}: scenes must be a list of scenes, but {scenes!r} was given")
    return scenes


class SceneWrapper(Scene):
    """Scenes that stay together."""

    builder = "Section"
    count = 0

    def __init__(self, scenes, **named):
        self.scenes = _list(type(self).__name__, scenes)
        unheard(self, ("build", "unpack"), _ORDER)
        self.greenroom = self.made([real(scene) for scene in self.scenes], **named)

    def made(self, scenes, **named):
        """What Greenroom has for it."""
        SceneWrapper.count += 1
        return greenroom.Section(f"part-{SceneWrapper.count}", scenes, **named)

    def parts(self):
        return self.scenes


class RandomizeOrder(SceneWrapper):
    """Scenes in an order that each participant draws."""

    def made(self, scenes, keep_n=None, **named):
        if keep_n is not None:
            named["keep_n"] = keep_n
        return greenroom.RandomizeOrder(scenes, **named)

    def __init__(self, scenes, keep_n=None, **named):
        super().__init__(scenes, keep_n=keep_n, **named)


class RepeatScene(SceneWrapper):
    """Scenes that are played several times."""

    def __init__(self, scenes, n, **named):
        super().__init__(scenes, n=n, **named)

    def made(self, scenes, n, **named):
        return greenroom.RepeatScene(scenes, n, **named)


class Stager:
    """The scenes, in order."""

    def __init__(self, scenes):
        self.scenes = _list("Stager", scenes)
        unheard(self, _STEPS, _ORDER)
        flat = []
        for scene in self.scenes:
            # Scenes that follow each other stay together anyway.
            flat += [real(part) for part in (scene.scenes if type(scene) is SceneWrapper else [scene])]
        self.greenroom = greenroom.Stager(flat)

    def finish(self, directories: dict[str, str]) -> None:
        """The study is complete: so is each of its scenes, wherever and however often it stands."""
        for scene in {id(scene): scene for scene in _each(self.scenes)}.values():
            scene.finish(directories)


def _each(scenes):
    for scene in scenes:
        if isinstance(scene, Scene):
            yield scene
            yield from _each(scene.parts())
