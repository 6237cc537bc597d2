"""Two people in one kitchen, in their browsers."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

from examples.cogrid import scenes as overcooked
from mug.configurations import experiment_config
from mug.scenes import stager, static_scene
from mug.server import app
from mug.server.matchmaker import FIFOMatchmaker

kitchen = (
    overcooked.game("kitchen", {0: "human", 1: "human"})
    .runtime(environment_initialization_code=overcooked.initialization("cramped_room"), packages_to_install=["numpy"])
    .multiplayer(input_delay=3, matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=100), hide_lobby_count=True)
    .waitroom(timeout=300000)
)
end = static_scene.EndScene().scene("end").display(scene_header="Thank you!")
stager = stager.Stager(scenes=[overcooked.start, kitchen, overcooked.feedback, end])


def main():
    config = experiment_config.ExperimentConfig().experiment(stager=stager, experiment_id="overcooked_human_human")
    config.static_files(directories=["examples/cogrid/assets"]).hosting(port=5702)
    app.run(config)


if __name__ == "__main__":
    main()
