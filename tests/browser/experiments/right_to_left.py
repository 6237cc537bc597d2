"""A study from right to left: every kind of page and of question, a game of one and a game of two, in Hebrew."""

import json
from pathlib import Path

from greenroom import (
    ChoiceQuestion, CompletionCodeScene, ConsentQuestion, Experiment, GridQuestion, GymScene, NumberQuestion, ScaleQuestion,
    Stager, StartScene, SurveyScene, TextQuestion,
)  # fmt: skip

HERE = Path(__file__).parent

# A boat on a strip of water, wide and low: it goes where the arrow points, whatever direction is read in.
ENVIRONMENT = """
from greenroom import Surface

class River:
    agents = AGENTS

    def __init__(self):
        self.surface = Surface(800, 200)

    def reset(self, seed=None):
        self.t, self.x = 0, {agent: 400 for agent in self.agents}
        return self.told(0), self.told({})

    def told(self, value):
        return dict.fromkeys(self.agents, value) if len(self.agents) > 1 else value

    def step(self, actions):
        self.t += 1
        for agent in self.agents:
            action = actions[agent] if len(self.agents) > 1 else actions
            self.x[agent] += {0: 0, 1: -6, 2: 6, 3: -12, 4: 12}.get(action, 0)
        return self.told(self.t), self.told(1.5), self.told(False), self.told(False), self.told({})

    def render(self):
        self.surface.rect(x=0, y=0, w=800, h=200, color="#cfe5f2")
        for row, agent in enumerate(self.agents):
            self.surface.circle(id=agent, x=self.x[agent], y=70 + 60 * row, radius=22, color=["navy", "maroon"][row])
        self.surface.text(text="Start ▶ 12", x=20, y=20, size=18, color="black")
        return self.surface.commit()

    def get_hud_text(self, agent=None):
        return f"מפרש: {self.t % 20} מתוך 20"

env = River()
"""


def river(scene_id, agents, seconds):
    return (
        GymScene()
        .scene(scene_id=scene_id)
        .policies(policy_mapping=dict.fromkeys(agents, "human"))
        .rendering(fps=20, game_width=800, game_height=200)
        .gameplay(
            action_mapping={"ArrowLeft": 1, "ArrowRight": 2, ("Shift", "ArrowLeft"): 3, ("Shift", "ArrowRight"): 4, " ": 5},
            key_labels={" ": "עצירה", ("Shift", "ArrowLeft"): "מהר שמאלה"},
            default_action=0,
            max_steps=seconds * 20,
        )
        .content(
            scene_header="הנהר", scene_body="<p>הסירה שטה לאן שהחץ מצביע. הניקוד עולה ב־<b>1.5</b> בכל צעד.</p>",
            in_game_scene_header="הסירה", in_game_scene_body="<p>לא לגעת בגדות!</p>",
        )
        .runtime(environment_initialization_code=ENVIRONMENT.replace("AGENTS", repr(agents)))
    )  # fmt: skip


start = (
    StartScene()
    .scene("start")
    .display(
        scene_header="ברוכים הבאים",
        scene_subheader="מחקר קצר על סירות",
        scene_body="<p>המחקר נמשך כ־5 דקות: שאלות, ושני משחקים.</p><ul><li>משחק אחד לבד</li><li>משחק אחד עם עוד אדם</li></ul>",
    )
)
consent = (
    SurveyScene([ConsentQuestion("consent", "<p>אנחנו שומרים את התשובות בלי השם.</p>", label="קראתי, ואני רוצה להשתתף.", version="1")])
    .scene("consent")
    .display(scene_header="לפני שמתחילים")
)
survey = (
    SurveyScene([
        NumberQuestion("age", "מה הגיל שלך?", minimum=18, maximum=99, whole=True, unit="שנים"),
        TextQuestion("remarks", "מה חשוב לך לומר?", lines=3, max_length=200, required=False, placeholder="כאן כותבים"),
        ChoiceQuestion(
            "card", "מה יותר יפה?", options={"boat": "<b>הסירה</b>", "house": "הבית"}, images=["cards/boat.svg", "cards/house.svg"],
        ),
        ChoiceQuestion("tools", "במה משחקים אצלך?", options={"pc": "מחשב (PC)", "phone": "טלפון"}, several=True),
        ChoiceQuestion("region", "איפה את או אתה גרים?", options=["צפון", "דרום"], look="dropdown"),
        ScaleQuestion("fun", "איך היה?", points=5, labels=["רע", "לא טוב", "בסדר", "טוב", "מצוין"]),
        ScaleQuestion("mood", "איך ההרגשה?", points=7, labels=["עייפה", "ערה"]),
        ScaleQuestion("effort", "כמה קשה?", points=101, labels=["0", "100"], slider=True),
        GridQuestion("calm", "הרגשתי", rows={"calm": "רגוע", "busy": "עסוק"}, columns=["לא", "קצת", "כן"]),
    ])
    .scene("survey")
    .display(scene_header="כמה שאלות", scene_subheader="אין תשובות נכונות")
)  # fmt: skip
check = (
    SurveyScene([ChoiceQuestion("arrow", "לאן שטה הסירה?", options={"arrow": "לאן שהחץ מצביע", "home": "הביתה"}, correct="arrow")])
    .scene("check")
    .display(scene_header="הכללים")
    .check(tries=3, tell=True, on_failure="end")
)
alone = (
    river("alone", ["me"], 5)
    .gameplay(tutorial_episodes=1, num_episodes=1, episode_ready_check=True)
    .monitoring(tab_warning_ms=1000, tab_exclude_ms=600_000)
)
together = (
    river("together", ["left", "right"], 8)
    .multiplayer(input_delay=2)
    .waitroom(timeout=120_000)
)  # fmt: skip
end = (
    CompletionCodeScene()
    .scene("end")
    .display(scene_header="תודה", scene_body="<p>זה הכול.</p>")
    .redirect("https://panel.example/done", parameters={"cc": "{code}"}, after_s=600)
)

experiment = (
    Experiment()
    .experiment(experiment_id="right_to_left", stager=Stager([start, consent, survey, check, alone, together, end]))
    .static_files(["cards"])
    .language("he", texts=json.loads((HERE / "right_to_left.json").read_text("utf-8")))
)
