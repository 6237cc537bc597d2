"""Small networks as ONNX files."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def _file(nodes, inputs, outputs, constants):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
    tensors = [numpy_helper.from_array(numpy.asarray(v, "float32"), name) for name, v in constants.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "net", values, results, tensors), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model.SerializeToString()


def linear(weights):
    """``logits = obs @ weights``."""
    weights = numpy.asarray(weights, "float32")
    return _file(
        [helper.make_node("MatMul", ["obs", "w"], ["logits"])],
        {"obs": [1, weights.shape[0]]}, {"logits": [1, weights.shape[1]]}, {"w": weights},
    )  # fmt: skip


def recurrent(actions=3):
    """A state that adds up observations (and a fixed input); logits that turn with it."""
    nodes = [
        helper.make_node("Add", ["state", "obs"], ["sum"]),
        helper.make_node("Add", ["sum", "bias"], ["next_state"]),
        helper.make_node("Mul", ["next_state", "speeds"], ["turned"]),
        helper.make_node("Sin", ["turned"], ["logits"]),
    ]
    return _file(
        nodes, {"obs": [1, 1], "state": [1, 1], "bias": [1]}, {"logits": [1, actions], "next_state": [1, 1]},
        {"speeds": [[1.0 + 0.7 * i for i in range(actions)]]},
    )  # fmt: skip


LINEAR = {"onnx_path": "net.onnx", "obs_input": "obs", "logit_output": "logits", "frame_skip": 1,
          "choice": {"kind": "argmax"}}  # fmt: skip
RECURRENT = {**LINEAR, "state_inputs": ["state"], "state_outputs": ["next_state"], "state_shape": [1, 1],
             "fixed_inputs": {"bias": 0.25}}  # fmt: skip
