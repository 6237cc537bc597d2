"""Pages and builds of your own: a page that measures reaction times, and a small WebGL build in the form of Unity's."""

from greenroom import EndScene, Experiment, HtmlScene, Participant, Stager, StartScene, UnityScene


def points(data):
    """The score of a round."""
    return data["points"]


def faster_or_slower(participant: Participant, data):
    """Makes the next round harder for whoever is good at it; the build gets this as a message."""
    return {"speed": data["speed"] * (1.25 if data["points"] >= 80 else 0.8)}


start = (
    StartScene()
    .scene(scene_id="start")
    .display(scene_header="Quick eyes", scene_body="<p>Two short tasks: one with a button, one with a lighthouse.</p>")
)

reaction = (
    HtmlScene()
    .scene(scene_id="reaction")
    .display(scene_header="How quick are you?", scene_body="<p>Press the button as soon as it turns green.</p>")
    .page("assets/reaction", settings={"trials": 3, "wait_ms": 900})
)

beacon = (
    UnityScene()
    .scene(scene_id="beacon")
    .display(scene_header="The lighthouse", scene_body="<p>Stop the beam at the mark: space bar, or tap.</p>")
    .webgl(build_name="beacon", directory="assets/beacon", width=800, height=480, receiver=("Beacon", "OnMessage"))
    .game(num_episodes=3, score_fn=points)
    .hooks(on_episode_end=faster_or_slower)
)

end = EndScene().scene(scene_id="end").display(scene_header="Thank you", scene_body="<p>That was all.</p>")

experiment = Experiment().experiment(
    experiment_id="beacon", stager=Stager(scenes=[start, reaction, beacon, end])
)
