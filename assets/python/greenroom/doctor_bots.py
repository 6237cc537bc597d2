"""What bots and packages need natively: networks that load and fit, packages that are installed."""

from __future__ import annotations

import os

from .doctor_probe import brief, short


def examine(patient) -> None:
    packages(patient)
    for model in patient.request.get("models", []):
        network(patient, model)


def packages(patient) -> None:
    """On the service, the study's packages come from its virtual environment."""
    from importlib.metadata import PackageNotFoundError, version

    wanted = patient.request.get("packages", [])
    try:
        from packaging.requirements import Requirement
    except ImportError:
        try:
            from pip._vendor.packaging.requirements import Requirement
        except ImportError:
            return
    say = patient.report.problem if patient.request["service"] else patient.report.advice
    for text in wanted:
        try:
            requirement = Requirement(text)
        except Exception:
            continue  # pip says so itself
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            there = version(requirement.name)
        except PackageNotFoundError:
            say(
                f"the package {text} is not installed in the virtual environment"
                + (", where the service runs the environment" if patient.request["service"] else
                   ", so the environment can be examined in the browser's Python only")
                + f": install it with `.venv/bin/python -m pip install '{text}'`"
            )  # fmt: skip
            continue
        if not requirement.specifier.contains(there, prereleases=True):
            say(f"the scene asks for {text}, but the virtual environment has {requirement.name} {there}")


def network(patient, model) -> None:
    report, agent, path = patient.report, model["agent"], model["path"]
    report.progress(f"tries the network of {agent}")
    if not os.path.isfile(path):
        report.problem(f"the network of agent {agent}: there is no file {path}")
        return
    try:
        import numpy
        import onnxruntime
    except ImportError as error:
        report.advice(
            f"the network of agent {agent} cannot be tried: {error.name} is not installed; "
            "`.venv/bin/python -m pip install onnxruntime`"
        )
        return
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:
        report.problem(f"the network of agent {agent}: {path} is no ONNX file that onnxruntime can load: {brief(error)}")
        return
    given = {node.name: node for node in session.get_inputs()}
    out = {node.name: node for node in session.get_outputs()}
    named = [model["obs_input"], *model["state_inputs"], *model["fixed_inputs"]]
    wrong = [name for name in named if name not in given]
    absent = [name for name in [model["logit_output"], *model["state_outputs"]] if name not in out]
    forgotten = [name for name in given if name not in named]
    if wrong:
        report.problem(f"the network of {agent} has no input {', '.join(wrong)}; its inputs are {', '.join(given)}")
    if absent:
        report.problem(f"the network of {agent} has no output {', '.join(absent)}; its outputs are {', '.join(out)}")
    if forgotten:
        report.problem(f"the network of {agent} has inputs that its ModelConfig does not name: {', '.join(forgotten)}")
    if wrong or absent or forgotten:
        return
    try:
        probe = patient.probe()
        seen = numpy.asarray(probe._observations[agent], dtype=kind(given[model["obs_input"]], numpy))
        feed = {model["obs_input"]: seen[None]}
        for name in model["state_inputs"]:
            feed[name] = numpy.zeros(model["state_shape"], dtype=kind(given[name], numpy))
        for name, value in model["fixed_inputs"].items():
            # A tensor of one element, with as many dimensions as the network declares.
            feed[name] = numpy.full([1] * len(given[name].shape), value, dtype=kind(given[name], numpy))
        logits = session.run([model["logit_output"]], feed)[0]
    except Exception as error:
        report.problem(
            f"the network of {agent} cannot take what the agent observes: {short(brief(error), 300)}"
        )
        return
    space = probe.space("action_space", agent)
    actions = int(space.n) if type(space).__name__ == "Discrete" else None
    if actions is not None and logits.size != actions:
        report.problem(f"the network of {agent} gives {logits.size} logits; the agent has {actions} actions")
    elif not numpy.isfinite(logits).all():
        report.problem(f"the network of {agent} gives logits that are not finite")
    else:
        report.ok(f"the network of {agent} takes its observation and gives {logits.size} logits")


def kind(node, numpy):
    words = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(float16)": "float16"}
    return numpy.dtype(words.get(node.type, node.type.removeprefix("tensor(").removesuffix(")")))
