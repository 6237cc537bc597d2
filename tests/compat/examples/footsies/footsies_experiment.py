"""A Unity game whose opponent is chosen for each participant, and who plays against whom by chance."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

from mug.configurations import experiment_config
from mug.scenes import scene, stager, static_scene, unity_scene
from mug.server import app

LEVELS = {"easy": 0.2, "middle": 0.5, "hard": 0.9}


class AdaptiveFootsiesScene(unity_scene.UnityScene):
    """The opponent gets better when it loses."""

    def __init__(self):
        super().__init__()
        self.skip = 16

    def on_unity_episode_end(self, data, socketio, room):
        super().on_unity_episode_end(data, socketio, room)
        self.skip = max(1, self.skip - 4) if data.get("won") else self.skip + 4
        socketio.emit("updateBotSettings", {"modelPath": "middle", "frameSkip": self.skip}, room=room)


def footsies(scene_id, cls=unity_scene.UnityScene, rounds=10):
    return (
        cls()
        .scene(scene_id=scene_id, experiment_config={})
        .display(scene_header="Footsies", scene_body="<p>Fight!</p>")
        .webgl(
            build_name="footsies",
            height=360,
            width=653,
            preload_game=True,
            webgl_base_url="examples/footsies/web_gl",
        )
        .game(num_episodes=rounds, score_fn=lambda data: int(data.get("won", False)))
    )


start = static_scene.StartScene().scene("start").display(scene_header="Footsies")
survey = static_scene.ScalesAndTextBox(
    text_box_header="Your experience?", pre_scale_header="Games", scale_questions=["I play a lot."]
).scene("survey")
training = scene.RandomizeOrder(
    scenes=[
        scene.SceneWrapper(scenes=[footsies(f"train_{name}", rounds=45), static_scene.StaticScene().scene(f"rest_{name}")])
        for name in LEVELS
    ]
    + [footsies("train_adaptive", AdaptiveFootsiesScene, 45)],
    keep_n=1,
)
end = static_scene.CompletionCodeScene().scene("end").display(scene_header="Thanks")

stager = stager.Stager(scenes=[start, survey, footsies("challenge"), training, footsies("final"), end])

if __name__ == "__main__":
    app.run(
        experiment_config.ExperimentConfig()
        .experiment(stager=stager, experiment_id="footsies", save_experiment_data=True)
        .hosting(port=5706, host="0.0.0.0")
        .entry_screening(device_exclusion="mobile", browser_requirements=["Chrome"], max_ping=200, entry_callback=lambda context: {"exclude": False})
    )
