"""Volley for one against a trained network, ten seconds, in the browser."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import court, end, start  # noqa: E402

from greenroom import Experiment, ModelConfig, Stager  # noqa: E402

NETWORK = Path(__file__).parents[3] / "experiments/assets/volley_bot/bot.onnx"

bot = ModelConfig(
    onnx_path=str(NETWORK), obs_input="obs", logit_output="logits", frame_skip=1, choice="softmax", temperature=0.5
)
game = court("volley").policies(policy_mapping={"left": "human", "right": bot})
experiment = Experiment().experiment(experiment_id="bot_volley", stager=Stager(scenes=[start, game, end]))
