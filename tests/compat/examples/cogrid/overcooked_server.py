"""The same kitchen on the server."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

from examples.cogrid import scenes as overcooked
from kitchen import make_kitchen
from mug.configurations import experiment_config
from mug.scenes import stager, static_scene
from mug.server import app

kitchen = (
    overcooked.game("kitchen", {0: "human", 1: "human"})
    .environment(env_creator=make_kitchen, env_config={"layout": "cramped_room"}, seed=42)
    .multiplayer(mode="server_authoritative", input_delay=3)
    .waitroom(timeout=300000)
)
end = static_scene.EndScene().scene("end").display(scene_header="Thank you!")

config = (
    experiment_config.ExperimentConfig()
    .experiment(
        stager=stager.Stager(scenes=[overcooked.start, kitchen, end]),
        experiment_id="overcooked_server",
    )
    .static_files(["examples/cogrid/assets"])
)

app.run(config)
