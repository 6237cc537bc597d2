"""Consent, questions of every kind, and a game that shares values with the next one."""

from greenroom import (
    ChoiceQuestion,
    ConsentQuestion,
    EndScene,
    Experiment,
    GridQuestion,
    GymScene,
    NumberQuestion,
    ScaleQuestion,
    Stager,
    StartScene,
    SurveyScene,
    TextQuestion,
)

ENVIRONMENT = """
class Coins:
    def reset(self, seed=None):
        self.t, self.coin = 0, globals_["coins"]
        return [0.0], {}

    def step(self, action):
        self.t += 1
        globals_["coins"] += 1
        if self.t == 20:
            globals_["level"] += 1
        return [0.0], 1.0, self.t == 20, False, {"found": self.coin, "level": globals_["level"]}

    def render(self):
        return []

env = Coins()
"""

consent = (
    SurveyScene([ConsentQuestion("consent", "", label="I have read this and take part", version="2024-05")])
    .scene("consent")
    .display(scene_header="What this is about", scene_body_filepath="cards/information.html")
)
survey = (
    SurveyScene(
        [
            NumberQuestion("age", "How old are you?", minimum=18, maximum=99, whole=True, unit="years"),
            TextQuestion("remarks", "Anything to say?", lines=3, required=False),
            ChoiceQuestion(
                "card", "Which do you like?", options={"boat": "The <b>boat</b>", "house": ""},
                images=["cards/boat.svg", "cards/house.svg"],
            ),
            ChoiceQuestion("tools", "What do you use?", options=["pen", "chalk", "paint"], several=True, shuffle=True),
            ChoiceQuestion("region", "Where do you live?", options=["north", "south"], look="dropdown"),
            ScaleQuestion("fun", "How was it?", points=5, labels=["Bad", "Poor", "Fair", "Good", "Great"]),
            ScaleQuestion("effort", "How hard?", points=101, labels=["0", "100"], slider=True),
            GridQuestion("mood", "I felt", rows={"calm": "calm", "busy": "busy"}, columns=["no", "a bit", "yes"], shuffle=True),
        ],
        shuffle=True,
    )
    .scene("survey")
    .display(scene_header="Some questions")
)  # fmt: skip


def game(name):
    return (
        GymScene()
        .scene(name)
        .policies(policy_mapping={"human": "human"})
        .rendering(fps=30, game_width=300, game_height=200)
        .gameplay(action_mapping={"ArrowLeft": 0}, default_action=1, num_episodes=2, max_steps=100)
        .runtime(environment_initialization_code=ENVIRONMENT)
    )


experiment = (
    Experiment()
    .experiment(
        experiment_id="asking",
        stager=Stager([
            StartScene().scene("start"), consent, survey, game("first"), game("second"), EndScene().scene("end"),
        ]),
    )
    .static_files(["cards"])
    .globals({"level": 1, "coins": 5, "note": None}, merge={"coins": "sum"})
)  # fmt: skip
