"""A tutorial, then two rounds with a partner, then questions."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

from examples.cogrid import scenes as overcooked
from mug.configurations import experiment_config
from mug.scenes import scene, stager, static_scene
from mug.server import app

PACKAGES = ["multi-user-gymnasium==0.1.2"]

tutorial = overcooked.game("tutorial", {0: "human", 1: "random"}).runtime(
    environment_initialization_code=overcooked.initialization("cramped_room"), packages_to_install=PACKAGES
)
rounds = scene.RandomizeOrder(
    scenes=[
        overcooked.game(f"round_{layout}", {0: "human", 1: "random"}, layout).runtime(
            environment_initialization_code=overcooked.initialization(layout), packages_to_install=PACKAGES
        )
        for layout in ("cramped_room", "counter_circuit")
    ]
)
end = static_scene.CompletionCodeScene().scene("end", should_export_metadata=True).display(scene_header="Thank you!")

stager = stager.Stager(scenes=[overcooked.start, tutorial, rounds, overcooked.preferences, overcooked.feedback, end])

if __name__ == "__main__":
    app.run(
        experiment_config.ExperimentConfig()
        .experiment(stager=stager, experiment_id="overcooked_human_ai")
        .hosting(port=5702, host="0.0.0.0")
        .static_files(directories=["examples/cogrid/assets"])
    )
