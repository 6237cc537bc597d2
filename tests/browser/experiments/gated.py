"""A study for a panel: not on phones, and not for those who look away from the game."""

from greenroom import EndScene, Experiment, GymScene, StartScene, Stager

ENVIRONMENT = """
from greenroom.rendering import Surface

class Still:
    def __init__(self):
        self.surface = Surface(300, 200)

    def reset(self, seed=None):
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}

    def render(self):
        self.surface.rect(x=0, y=0, w=300, h=200, color="#205080")
        return self.surface.commit()

env = Still()
"""


def adults(participant, context):
    assert context["device_type"] == "desktop" and context["ping"] is not None
    return participant.parameters.get("AGE") != "17"


start = StartScene().scene(scene_id="start").display(scene_header="A study", scene_body="<p>For a panel.</p>")
still = (
    GymScene()
    .scene(scene_id="still")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30, game_width=300, game_height=200)
    .gameplay(action_mapping={"ArrowLeft": 0}, default_action=1, max_steps=9000)
    .runtime(environment_initialization_code=ENVIRONMENT)
    .monitoring(tab_warning_ms=1000, tab_exclude_ms=4000)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = (
    Experiment()
    .experiment(experiment_id="gated", stager=Stager(scenes=[start, still, end]))
    .entry_screening(device_exclusion="mobile", max_ping=10_000, entry_callback=adults)
    .prolific(complete="C0MPLETE", screened_out="SCREEN3D", excluded="EXCLUD3D", after_s=2)
)
