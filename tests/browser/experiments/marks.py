"""A field for two who point at places, played in every mode: with practice, ready checks, words and pages of their own."""

import html

from greenroom import CompletionCodeScene, Experiment, GymScene, Stager, StartScene

FPS, SECONDS = 20, 4

ENVIRONMENT = """
from greenroom import Surface

WIDTH, HEIGHT = 400, 240
COLORS = {"left": "#e4572e", "right": "#2e86ab"}
AGENTS = list(COLORS)


class Marks:
    agents = possible_agents = AGENTS

    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)

    def reset(self, *, seed=None):
        self.t = 0
        self.places = {"left": [100, 120], "right": [300, 120]}
        self.marks = dict.fromkeys(AGENTS, 0)
        self.surface.reset()
        return self.observe(), {agent: {} for agent in AGENTS}

    def observe(self):
        return {agent: list(self.places[agent]) for agent in AGENTS}

    def step(self, actions):
        self.t += 1
        rewards = dict.fromkeys(AGENTS, 0.0)
        for agent, action in actions.items():
            place = self.places[agent]
            if isinstance(action, dict):
                place[:] = [action["x"], action["y"]]
                rewards[agent] = float(action["pressed"])
            else:
                place[0] = min(WIDTH - 1, max(0, place[0] + {1: -4, 2: 4}.get(action, 0)))
                rewards[agent] = float(action == 3)
            self.marks[agent] += int(rewards[agent])
        over = self.t >= STEPS
        infos = {agent: {"x": self.places[agent][0], "y": self.places[agent][1]} for agent in AGENTS}
        return self.observe(), rewards, dict.fromkeys(AGENTS, False), dict.fromkeys(AGENTS, over), infos

    def get_state(self):
        return {"t": self.t, "places": {a: list(p) for a, p in self.places.items()}, "marks": dict(self.marks)}

    def set_state(self, state):
        self.t, self.marks = state["t"], dict(state["marks"])
        self.places = {agent: list(place) for agent, place in state["places"].items()}

    def render(self):
        self.surface.rect(x=0, y=0, w=WIDTH, h=HEIGHT, color="#f4efe6")
        self.surface.line(points=[(WIDTH / 2, 0), (WIDTH / 2, HEIGHT)], color="#c9bfae", width=2)
        for agent, (x, y) in self.places.items():
            self.surface.circle(id=agent, x=x, y=y, radius=12, color=COLORS[agent], tween_duration=40)
        return self.surface.commit()


def words(env, agent):
    return f"{agent} has made {env.marks[agent]} marks"


env = Marks()
"""


def code(seconds: int = SECONDS) -> str:
    return ENVIRONMENT.replace("STEPS", str(seconds * FPS))


def alone(scene_id: str, seconds: int = SECONDS) -> GymScene:
    """The scene, but for who plays and with what."""
    return (
        GymScene()
        .scene(scene_id=scene_id)
        .rendering(fps=FPS, game_width=400, game_height=240)
        .content(scene_header="Marks", scene_body="<p>Make as many marks as you can.</p>")
        .runtime(environment_initialization_code=code(seconds))
    )


def field(scene_id: str, seconds: int = SECONDS) -> GymScene:
    """The same for two people."""
    return alone(scene_id, seconds).policies(policy_mapping={"left": "human", "right": "human"})


def counted(participant, scene_id):
    return sum(one["score"] for one in participant.results.get(scene_id, []) if not one.get("tutorial"))


def paid(scene_id):
    return lambda participant: 0.01 * counted(participant, scene_id)


def in_all(participant):
    return 1 + sum(participant.bonuses.values())


def role(participant, agent):
    team = html.escape(participant.parameters.get("team", "no team"))
    return f"<p class='own'>{participant.subject_id} plays <b>{agent}</b> for {team}.</p>"


def whole(scene_id: str, mode: str, pointer: str) -> GymScene:
    return (
        field(scene_id)
        .rendering(hud_text_fn="words", hud_score_carry_over=True)
        .gameplay(
            pointer=pointer, action_mapping={" ": 3}, default_action=0, tutorial_episodes=1, num_episodes=2,
            episode_ready_check=True, max_steps=SECONDS * FPS,
        )
        .content(
            in_game_scene_header={"left": "You are on the left", "right": "You are on the right"},
            game_page_html_fn=role,
        )
        .runtime(mode=mode)
        .waitroom(timeout=180_000)
        .bonus(paid(scene_id), text=f"For {scene_id}: {{bonus}} pounds")
    )  # fmt: skip


start = StartScene().scene(scene_id="start").display(scene_header="Marks", scene_body="<p>Go on.</p>")
end = CompletionCodeScene().scene(scene_id="end").display(scene_header="The end")
games = [whole("relay", "browser", "hold"), whole("service", "authoritative", "move"), whole("streamed", "streamed", "click")]
experiment = (
    Experiment()
    .experiment(experiment_id="marks", stager=Stager(scenes=[start, *games, end]))
    .bonus(in_all, text="You earn {bonus} pounds in all.")
)
