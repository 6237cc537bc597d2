"""A study of all kinds of games, short ones, for the tests that kill the service."""

import os
from pathlib import Path

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

CODE = (Path(__file__).parent / "world.py").read_text(encoding="utf-8")
GRACE = int(os.environ.get("CRASH_GRACE_MS", "20000"))


def game(name, players, steps, mode="browser"):
    scene = (
        GymScene()
        .scene(scene_id=name)
        .policies(policy_mapping={f"a{seat}": "human" for seat in range(players)})
        .rendering(fps=30, game_width=200, game_height=100)
        .gameplay(
            action_mapping={f"{key}": key for key in range(5)}, default_action=0, num_episodes=2, max_steps=steps + 10
        )
        .runtime(environment_initialization_code=f"PLAYERS, STEPS = {players}, {steps}\n{CODE}", mode=mode)
    )
    return scene


alone = game("alone", 1, 45)
relay = (
    game("relay", 2, 60)
    .multiplayer(reconnection_timeout_ms=GRACE, absence_limit_ms=240_000, ready_timeout_ms=40_000)
    .waitroom(timeout=20_000)
)
streamed = (
    game("streamed", 1, 60, "streamed")
    .multiplayer(reconnection_timeout_ms=60_000, ready_timeout_ms=60_000)
    .waitroom(timeout=60_000)
)
shared = (
    game("shared", 2, 60, "authoritative")
    .multiplayer(
        reconnection_timeout_ms=20_000, absence_limit_ms=240_000, ready_timeout_ms=40_000, on_absence="continue"
    )
    .waitroom(timeout=15_000, on_timeout="bot")
)
start = StartScene().scene(scene_id="start").display(scene_header="Welcome")
end = EndScene().scene(scene_id="end").display(scene_header="Thank you")
experiment = Experiment().experiment(
    experiment_id="crash", stager=Stager(scenes=[start, alone, relay, streamed, shared, end])
)
