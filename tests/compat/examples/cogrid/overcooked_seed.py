"""The kitchen under the older package's name, with its methods and its objects."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

from interactive_gym.configurations import experiment_config
from interactive_gym.configurations.configuration_constants import InputModes
from interactive_gym.scenes import gym_scene, stager, static_scene
from interactive_gym.server import app

CODE = """
from interactive_gym.rendering import Circle, Sprite, Text

class Room:
    def reset(self, seed=None):
        self.t = 0
        return {0: [0.0], 1: [0.0]}, {0: {}, 1: {}}
    def step(self, actions):
        self.t += 1
        over = {0: False, 1: False, "__all__": self.t >= 40}
        return {0: [1.0 * self.t], 1: [0.0]}, {0: 1.0, 1: 1.0}, over, {0: False, 1: False, "__all__": False}, {0: {}, 1: {}}
    def render(self):
        chef = Sprite(uuid="chef", x=0.2, y=0.4, height=45, width=45, image_name="chefs", frame="SOUTH.png", tween=True)
        ball = Circle(uuid="ball", color="red", x=0.5, y=0.5, radius=8)
        said = Text(uuid="said", text=f"t={self.t}", x=0.1, y=0.1)
        return [chef.as_dict(), ball.as_dict(), said.as_dict()]
    def get_state(self):
        return {"t": self.t}
    def set_state(self, state):
        self.t = state["t"]

env = Room()
"""

room = (
    gym_scene.GymScene()
    .scene(scene_id="room", experiment_config={})
    .policies(policy_mapping={0: "human", 1: "human"}, frame_skip=4)
    .rendering(fps=15, game_width=225, game_height=180)
    .gameplay(default_action=6, action_mapping={"ArrowUp": 0, "ArrowDown": 1}, num_episodes=1, max_steps=40,
              input_mode=InputModes.SingleKeystroke)
    .assets(preload_specs=[{"name": "chefs", "img_path": "examples/cogrid/assets/chefs.png",
                            "atlas_path": "examples/cogrid/assets/chefs.json", "object_type": "atlas_spec"}],
            assets_dir="./static/assets/", assets_to_preload=[], animation_configs=[], state_init=[])
    .user_experience(scene_header="Overcooked", scene_body="<p>Wait for a partner.</p>", in_game_scene_body="<p>Play.</p>",
                     waitroom_timeout=300000)
    .player_grouping(wait_for_known_group=False, group_wait_timeout=60000)
    .pyodide(
        run_through_pyodide=True,
        multiplayer=True,
        environment_initialization_code=CODE,
        packages_to_install=["interactive_gym==0.1.1"],
        restart_pyodide=False,
        server_authoritative=False,
        state_broadcast_interval=15,
        realtime_mode=True,
        input_buffer_size=300,
        input_delay=3,
    )
)

stager = stager.Stager(scenes=[
    static_scene.StartScene().scene("start").display(scene_header="Hello"),
    room,
    static_scene.EndScene().scene("end").display(scene_header="Bye"),
])

if __name__ == "__main__":
    config = (
        experiment_config.ExperimentConfig()
        .experiment(stager=stager, experiment_id="overcooked_seed")
        .hosting(port=5701, host="0.0.0.0")
    )
    config.static_files(directories=["examples/cogrid/assets"])
    app.run(config)
