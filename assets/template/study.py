"""The study: what participants see, in order. Try it with ``greenroom run study.py``."""

from greenroom import (
    ChoiceQuestion,
    EndScene,
    Experiment,
    GymScene,
    ScaleQuestion,
    Stager,
    StartScene,
    SurveyScene,
    TextQuestion,
)

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Gathering stars",
        scene_body="""
        <p>In this study you play a short game, and answer three questions about it.</p>
        <p>Move with the <b>arrow keys</b> and gather as many stars as you can. There are two rounds of 20 seconds.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="stars")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30, game_width=600, game_height=400, background="#10162f")
    .assets(assets_dir="pictures")
    .gameplay(
        # Keys, and the actions that they give to step(): those of `environment.py`.
        action_mapping={"ArrowUp": 1, "ArrowRight": 2, "ArrowDown": 3, "ArrowLeft": 4},
        default_action=0,  # no key: stay
        num_episodes=2,
        max_steps=600,  # 20 seconds at 30 frames per second
    )
    .content(
        scene_header="Ready?",
        scene_body="<p>Put your fingers on the arrow keys.</p>",
        in_game_scene_body="<p>Gather the stars.</p>",
    )
    .runtime(environment_initialization_code_filepath="environment.py")
)

survey = (
    SurveyScene(
        [
            ScaleQuestion("fun", "How much fun was the game?", points=7, labels=["No fun at all", "Great fun"]),
            ChoiceQuestion("plan", "How did you choose your way?", ["The nearest star", "A longer plan", "By chance"]),
            TextQuestion("remarks", "Is there anything that you want to tell us?", lines=3, required=False),
        ]
    )
    .scene(scene_id="questions")
    .display(scene_header="About the game")
)

end = EndScene().scene(scene_id="end").display(scene_header="Thank you for taking part")

experiment = (
    Experiment()
    .experiment(experiment_id="my-study", stager=Stager([start, game, survey, end]))
    .language("en")
)
