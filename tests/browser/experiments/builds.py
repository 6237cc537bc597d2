"""An HTML build with episodes, in a folder of its own with its page below."""

from greenroom import EndScene, Experiment, HtmlScene, Stager, StartScene


def answer(participant, data):
    return {"heard": data["question"], "results": participant.results.get("orbit", [])}


def broken(participant, data):
    raise RuntimeError("a function that fails keeps nobody")


orbit = (
    HtmlScene()
    .scene(scene_id="orbit")
    .display(scene_header="Orbit")
    .page("orbit", document="game/index.html", settings={"level": 3}, allow_continue_on=["enough"], preload=True)
    .hooks(on_message=answer, on_episode_end=broken)
)
experiment = Experiment().experiment(
    experiment_id="builds",
    stager=Stager(scenes=[StartScene().scene(scene_id="start"), orbit, EndScene().scene(scene_id="end")]),
)
