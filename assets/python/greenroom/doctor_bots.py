"""What bots and packages need natively: networks that load and fit, packages that are installed."""

from __future__ import annotations

import os

from . import msgpack
from .doctor_probe import SEED, Probe, brief
from .errors import EnvironmentContractError
from .onnx_policy import OnnxPolicy, Session
from .policies import read


class Cast:
    """Who plays the bots in this examination.

    ``settings``   the scene's, with random actions for the bots that cannot play here
    ``runs``       by agent what runs its network
    ``functions``  by agent the name of the function that plays it
    ``elsewhere``  agents whose bots play outside of this Python
    ``faults``     by agent why its network cannot play
    """

    def __init__(self, request):
        content = msgpack.decode(bytes.fromhex(request["settings"]))
        self.runs, self.functions, self.elsewhere, self.faults = {}, {}, [], {}
        policies, models = content["policies"], {}
        for agent, setting in policies.items():
            given = read(agent, setting)
            foreign = given.kind == "model" or (given.kind == "function" and request["service"])
            if request["where"] == "browser" and foreign:
                self.elsewhere.append(agent)
            elif given.kind == "model":
                models[agent] = given.options
            elif given.kind == "function":
                self.functions[agent] = given.options["name"]
            if agent in self.elsewhere or agent in models:
                content["policies"] = {**content["policies"], agent: {"random": {"frame_skip": given.frame_skip}}}
        if models:
            self._load(request, models, msgpack.encode(content))
            plays = {agent: policies[agent] for agent in self.runs}
            content["policies"] = {**content["policies"], **plays}
        self.settings = msgpack.encode(content)

    def _load(self, request, models, settings):
        for agent, options in models.items():
            try:
                with open(request["models"][agent], "rb") as file:
                    self.runs[agent] = Session(file.read(), options, agent)
            except OSError as error:
                self.faults[agent] = f"the model of agent {agent!r} cannot be read: {error}"
            except (EnvironmentContractError, ImportError) as error:
                self.faults[agent] = str(error)
        try:
            probe = Probe(request, settings)
            probe.start(SEED)
        except Exception:
            return  # the next examination tells of it
        for agent, run in [*self.runs.items()]:
            try:
                policy = OnnxPolicy(agent, models[agent], probe.space("action_space", agent), probe._actions, run)
                policy.seed(SEED, agent)
                policy.choose(probe._observations[agent], 0)
            except EnvironmentContractError as error:
                self.faults[agent] = str(error)
            except Exception as error:
                self.faults[agent] = f"the model of agent {agent!r} cannot take what the agent observes: {brief(error)}"
            if agent in self.faults:
                del self.runs[agent]


def examine(patient) -> None:
    packages(patient)
    networks(patient)


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


def networks(patient) -> None:
    cast, report = patient.cast, patient.report
    for agent, path in patient.request["models"].items():
        if agent in cast.faults:
            absent = "onnxruntime" in cast.faults[agent] and not patient.request["service"]
            say = report.advice if absent else report.problem
            say(f"{cast.faults[agent]}. Here random actions stand in for it")
        elif agent in cast.runs:
            report.ok(f"the network {os.path.basename(path)} plays agent {agent}")
