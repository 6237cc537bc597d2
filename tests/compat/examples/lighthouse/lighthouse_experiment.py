"""A Unity game that gets harder for whoever is good at it, and a survey: a script to be played to its end in a browser."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

from mug.configurations import experiment_config
from mug.scenes import scene, stager, static_scene, unity_scene
from mug.server import app


class AdaptiveLighthouse(unity_scene.UnityScene):
    """The beam is faster for whoever has stopped it at the mark."""

    def __init__(self):
        super().__init__()
        self.speed = 1.0
        self.stopped = 0

    def on_unity_episode_start(self, data, socketio, room):
        super().on_unity_episode_start(data, socketio, room)
        self.stopped = 0

    def on_unity_episode_end(self, data, socketio, room):
        super().on_unity_episode_end(data, socketio, room)
        self.stopped += 1
        self.speed = self.speed * 1.25 if data.get("points", 0) >= 50 else self.speed * 0.8
        socketio.emit("updateBotSettings", {"speed": self.speed, "stopped": self.stopped}, room=room)


def lighthouse(scene_id, cls=unity_scene.UnityScene, rounds=1):
    return (
        cls()
        .scene(scene_id=scene_id, experiment_config={})
        .display(scene_header="The lighthouse", scene_body="<p>Stop the beam at the mark.</p>")
        .webgl(
            build_name="beacon",
            height=480,
            width=800,
            preload_game=True,
            webgl_base_url="experiments/assets",
            receiver=("Beacon", "OnMessage"),
        )
        .game(num_episodes=rounds, score_fn=lambda data: int(data.get("points", 0)))
    )


start = static_scene.StartScene().scene("start").display(scene_header="The lighthouse", scene_body="<p>A short game.</p>")
survey = static_scene.ScalesAndTextBox(
    text_box_header="Your experience?", pre_scale_header="Games", scale_questions=["I play a lot."]
).scene("survey")
training = scene.RandomizeOrder(
    scenes=[
        scene.SceneWrapper(scenes=[lighthouse("plain"), static_scene.StaticScene().scene("rest").display(scene_header="Rest")]),
        scene.SceneWrapper(scenes=[lighthouse("other"), static_scene.StaticScene().scene("pause").display(scene_header="Rest")]),
    ],
    keep_n=1,
)
end = static_scene.CompletionCodeScene().scene("end").display(scene_header="Thanks")

stager = stager.Stager(scenes=[start, survey, training, lighthouse("adaptive", AdaptiveLighthouse, 2), end])

if __name__ == "__main__":
    app.run(
        experiment_config.ExperimentConfig()
        .experiment(stager=stager, experiment_id="lighthouse", save_experiment_data=True)
        .hosting(port=5706, host="0.0.0.0")
        .entry_screening(
            device_exclusion="mobile", browser_requirements=["Chrome"], max_ping=5000, entry_callback=lambda context: {"exclude": False}
        )
    )
