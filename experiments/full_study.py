"""A whole study: consent, questions, a tutorial, a game of two, a branch, a streamed game, a code, and the way back.

    greenroom run experiments/full_study.py

Two people meet on a beach: what they think of their partner is the question. Everything that a study needs around its
games is here once; docs/guide.md explains each part.
"""

import os
from pathlib import Path

from greenroom import (
    ChoiceQuestion, CompletionCodeScene, Conditions, ConsentQuestion, Experiment, GridQuestion, GymScene, ModelConfig,
    NumberQuestion, RandomizeOrder, ScaleQuestion, Stager, StartScene, StaticScene, SurveyScene, TextQuestion,
)  # fmt: skip

# Moves as the environment numbers them.
STAY, LEFT, RIGHT, UP, UP_LEFT, UP_RIGHT = range(6)
# Of a round. Whoever only wants to see the whole has no patience: ROUND_SECONDS=5 greenroom run ...
SECONDS = int(os.environ.get("ROUND_SECONDS", "15"))
AGREEMENT = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]

# The same beach as in volley.py, with shorter rounds.
COURT = (Path(__file__).parent / "environments/volley.py").read_text()
COURT = COURT.replace("STEPS = 40 * FPS", f"STEPS = {SECONDS} * FPS")

bot = ModelConfig(
    onnx_path="assets/volley_bot/bot.onnx", obs_input="obs", logit_output="logits", choice="softmax", temperature=0.5
)


def court(scene_id: str, header: str, body: str) -> GymScene:
    """A game on the beach, but for who plays."""
    return (
        GymScene()
        .scene(scene_id=scene_id)
        .rendering(fps=30, game_width=640, game_height=360, background="#fab078")
        .gameplay(
            action_mapping={
                ("ArrowUp", "ArrowLeft"): UP_LEFT,
                ("ArrowUp", "ArrowRight"): UP_RIGHT,
                "ArrowLeft": LEFT,
                "ArrowRight": RIGHT,
                "ArrowUp": UP,
            },
            default_action=STAY,
            action_population_method="previous_submitted_action",
            max_steps=SECONDS * 30,
        )
        .content(scene_header=header, scene_body=body, in_game_scene_body="<p>Play the ball over the net.</p>")
        .runtime(environment_initialization_code=COURT)
    )


def paid(participant) -> float:
    """Two for taking part, and ten cents for each point that was won in the match."""
    episodes = participant.results.get("match", [])
    return round(2.0 + 0.1 * max(0, sum(episode["score"] for episode in episodes)), 2)


def plays_on(participant) -> bool:
    return participant.answers.get("partner", {}).get("again") == "yes"


welcome = (
    StartScene()
    .scene(scene_id="welcome")
    .display(
        scene_header="Two on a beach",
        scene_body="<p>Thank you for coming. The study takes about five minutes: some questions, and three short "
        "games of beach volleyball, one of them with <b>another person</b>.</p>",
    )
)

consent = (
    SurveyScene([
        ConsentQuestion(
            question_id="consent",
            prompt="<p>We store what you answer and how you play, without your name. You can stop at any time.</p>",
            version="2026-11",
            label="I have read this, I am at least 18 years old, and I want to take part.",
        )
    ])
    .scene(scene_id="consent")
    .display(scene_header="Before we begin")
)  # fmt: skip

background = (
    SurveyScene(
        [
            NumberQuestion(question_id="age", prompt="How old are you?", minimum=18, maximum=110, whole=True, unit="years"),
            ChoiceQuestion(
                question_id="devices",
                prompt="What do you play games on?",
                options={"pc": "A computer", "console": "A console", "phone": "A phone", "none": "I do not play"},
                several=True,
                shuffle=True,
            ),
            ChoiceQuestion(
                question_id="beach", prompt="Have you played beach volleyball?", options=["often", "once or twice", "never"]
            ),
            ScaleQuestion(
                question_id="mood", prompt="How do you feel right now?", points=21, labels=["Tired", "Awake"], slider=True
            ),
            TextQuestion(
                question_id="hopes", prompt="What do you expect of a good partner?", lines=3, max_length=500, required=False
            ),
        ],
        shuffle=True,
    )
    .scene(scene_id="background")
    .display(scene_header="About you")
)  # fmt: skip

rules = (
    SurveyScene([
        ChoiceQuestion(
            question_id="point",
            prompt="When do you win a point?",
            options={
                "theirs": "When the ball touches the sand on the other side",
                "mine": "When the ball touches the sand on my side",
                "net": "When the ball touches the net",
            },
            correct="theirs",
            shuffle=True,
        )
    ])
    .scene(scene_id="rules")
    .display(
        scene_header="The rules",
        scene_body="<p>The ball bounces off you. When it touches the sand on the <b>other side</b> of the net, the point "
        "is yours. You may touch it as often as you like.</p>",
    )
    .check(tries=2, tell=True, on_failure="end")
)  # fmt: skip

tutorial = (
    court("tutorial", "Practice", "<p>First two rounds against the computer. The first one is for practice and does not count.</p>")
    .policies(policy_mapping={"left": "human", "right": bot}, frame_skip=4)
    .gameplay(num_episodes=1, tutorial_episodes=1)
)

match = (
    court("match", "The match", "<p>Now you play against <b>another person</b>. Press the button when you are ready.</p>")
    .policies(policy_mapping={"left": "human", "right": "human"})
    .gameplay(num_episodes=1)
    .multiplayer(input_delay=2, reconnection_timeout_ms=20_000)
    .waitroom(timeout=180_000, on_timeout="scene", timeout_scene_id="goodbye")
)

partner = (
    SurveyScene([
        GridQuestion(
            question_id="partner",
            prompt="How far do you agree?",
            rows={"fair": "My partner played fairly.", "skilled": "My partner played well."},
            columns=AGREEMENT,
            shuffle=True,
        ),
        ChoiceQuestion(question_id="again", prompt="Would you like to play once more?", options=["yes", "no"]),
    ])
    .scene(scene_id="partner")
    .display(scene_header="Your partner")
)  # fmt: skip

# Half of the people are told that the next opponent is a person, the others what it is.
framing = Conditions(
    "framing",
    {
        "person": [StaticScene().scene(scene_id="told_person").display(
            scene_header="One more", scene_body="<p>Your next opponent learned from people.</p>")],
        "program": [StaticScene().scene(scene_id="told_program").display(
            scene_header="One more", scene_body="<p>Your next opponent is a program.</p>")],
    },
    quotas={"person": 50, "program": 50},
)  # fmt: skip

streamed = (
    court("streamed", "One more", "<p>Press the button when you are ready.</p>")
    .policies(policy_mapping={"left": "human", "right": bot}, frame_skip=4)
    .runtime(mode="streamed")
    .skip_if(lambda participant: not plays_on(participant))
)

closing = RandomizeOrder([
    SurveyScene([TextQuestion(question_id="guess", prompt="What was this study about?", lines=2, required=False)])
    .scene(scene_id="guess")
    .display(scene_header="Your guess"),
    SurveyScene([ScaleQuestion(question_id="fun", prompt="How much fun was it?", points=7, labels=["None", "Great fun"])])
    .scene(scene_id="fun")
    .display(scene_header="Nearly done"),
])  # fmt: skip

goodbye = (
    CompletionCodeScene()
    .scene(scene_id="goodbye")
    .display(scene_header="Thank you", scene_body="<p>That was all. This is your code:</p>")
    .redirect("https://panel.example/complete", parameters={"cc": "{code}", "who": "{subject_id}"})
)

experiment = (
    Experiment()
    .experiment(
        experiment_id="full_study",
        stager=Stager(
            scenes=[
                welcome, consent, background, rules, tutorial, match, partner, framing, streamed, closing, goodbye,
            ]
        ),
    )
    .entry_screening(max_ping=2000, min_ping_measurements=3)
    .bonus(paid)
)  # fmt: skip
