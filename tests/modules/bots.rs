//! Who acts besides people: what is refused of it, and what arrives.

use crate::bench::{PAIR, Study, around, refused};

#[test]
fn of_policies() {
    refused(&[
        ("GymScene().policies()", "policy_mapping is missing: it must be a dict"),
        ("GymScene().policies('human')", "policy_mapping must be a dict"),
        ("GymScene().policies({1.5: 'human'})", "has the agent id 1.5: ids are str or int"),
        (
            "GymScene().policies({'a': 'robot'})",
            "must give agent \"a\" 'human', 'random', a ModelConfig or a FunctionPolicy, but 'robot'",
        ),
        ("GymScene().policies({'a': 'random'})", "has no human"),
        (
            "GymScene().policies({i: 'human' for i in range(17)})",
            "ValueError: GymScene.policies: policy_mapping has 17 humans: at most 16 people play one game",
        ),
        ("GymScene().policies({1: 'human', '1': 'random'})", "names agent \"1\" twice"),
        ("GymScene().policies({'a': 'human'}, policy_mapping={})", "policy_mapping was given twice"),
        (
            "GymScene().policies({'a': 'human'}, frame_skip=0)",
            "frame_skip must be a whole number from 1 to 3600, but 0",
        ),
        (
            "GymScene().policies({'a': 'bots/a.onnx'})",
            "describe the network with ModelConfig(onnx_path=\"bots/a.onnx\", ",
        ),
        ("GymScene().policies({'a': max})", "name it with FunctionPolicy(function='...')"),
        ("GymScene().policies({'a': ModelConfig})", "write the class with ()"),
        ("GymScene().policies({'a': 'human'}, load_policy_fn=max)", "give policy_mapping a ModelConfig(onnx_path=...)"),
        ("GymScene().policies({'a': 'human'}, policy_inference_fn=max)", "FunctionPolicy(function=...)"),
    ]);
}

#[test]
fn of_function_policies() {
    refused(&[
        ("FunctionPolicy()", "FunctionPolicy: function is missing: it must be the name (str) of a function"),
        ("FunctionPolicy(max)", "function must be a name, but <built-in function max> was given: the function has to"),
        ("FunctionPolicy(3)", "TypeError: FunctionPolicy: function must be the name (str) of a function"),
        ("FunctionPolicy('env.act')", "ValueError: FunctionPolicy: function must be the name (str) of a function"),
        ("FunctionPolicy('class')", "but 'class' was given"),
        ("FunctionPolicy('act', frame_skip=3601)", "frame_skip must be a whole number from 1 to 3600, but 3601"),
        ("FunctionPolicy('act', frame_skip=None)", "frame_skip must be a whole number from 1 to 3600, but None"),
    ]);
}

#[test]
fn of_model_configs() {
    for (options, words) in [
        ("'none.onnx', 'obs', 'logits'", "FileNotFoundError: ModelConfig: onnx_path: "),
        ("'none.onnx', 'obs', 'logits'", "paths are relative to the folder of the experiment module"),
        ("'.', 'obs', 'logits'", "it is not a file"),
        ("'empty.onnx', 'obs', 'logits'", "ValueError: ModelConfig: onnx_path names an empty file: "),
        ("3, 'obs', 'logits'", "TypeError: ModelConfig: onnx_path must be the path of a file"),
        ("'a.onnx', 'obs'", "ModelConfig: logit_output is missing: it must be a name (str) that is not empty"),
        ("'a.onnx', '', 'logits'", "ValueError: ModelConfig: obs_input must be a name (str) that is not empty, but ''"),
        ("'a.onnx', 'obs', 1", "TypeError: ModelConfig: logit_output must be a name (str) that is not empty, but 1"),
        ("'a.onnx', 'obs', 'x', state_inputs='h'", "state_inputs must be a list of names (str), none of them empty"),
        ("'a.onnx', 'obs', 'x', state_inputs=['']", "state_inputs must be a list of names (str), none of them empty"),
        ("'a.onnx', 'obs', 'x', state_inputs=['h']", "state_inputs has 1 names and state_outputs has 0"),
        ("'a.onnx', 'obs', 'x', state_shape=[1]", "state_shape takes effect only with state_inputs and state_outputs"),
        ("'a.onnx', 'obs', 'x', state_inputs=['h'], state_outputs=['k']", "state_shape is missing"),
        ("'a.onnx', 'obs', 'x', state_shape=[]", "state_shape must be a list of 1 to 8 whole numbers from 1 to 65536"),
        ("'a.onnx', 'obs', 'x', state_shape=[0]", "state_shape must be a list of 1 to 8 whole numbers from 1 to 65536"),
        ("'a.onnx', 'obs', 'x', state_shape=[1.0]", "TypeError: ModelConfig: state_shape must be a list"),
        ("'a.onnx', 'obs', 'x', state_shape=[65536, 65536]", "state_shape is of more than 16777216 numbers in all"),
        ("'a.onnx', 'obs', 'x', fixed_inputs=[1]", "fixed_inputs must be a dict from names of inputs (str) to numbers"),
        ("'a.onnx', 'obs', 'x', fixed_inputs={'a': '1'}", "TypeError: ModelConfig: fixed_inputs must be a dict"),
        ("'a.onnx', 'obs', 'x', fixed_inputs={'a': float('nan')}", "ValueError: ModelConfig: fixed_inputs must be"),
        ("'a.onnx', 'obs', 'x', fixed_inputs={'obs': 1}", "name the input \"obs\" twice"),
        (
            "'a.onnx', 'obs', 'x', state_inputs=['h'], state_outputs=['x'], state_shape=[1]",
            "logit_output and state_outputs name the output \"x\" twice",
        ),
        ("'a.onnx', 'obs', 'x', frame_skip=0", "frame_skip must be a whole number from 1 to 3600, but 0 was given"),
        ("'a.onnx', 'obs', 'x', choice='max'", "choice must be 'argmax' or 'softmax', but 'max' was given"),
        ("'a.onnx', 'obs', 'x', choice='softmax', temperature=0", "temperature must be a number from 0.001 to 1000"),
        ("'a.onnx', 'obs', 'x', temperature=0.5", "temperature takes effect only with choice='softmax'"),
        ("'a.onnx', 'obs', 'x', custom_inference_fn='...'", "name it with FunctionPolicy(function=...)"),
    ] {
        let study = Study::of(&format!("ModelConfig({options})")).with("empty.onnx", "").with("a.onnx", "x");
        study.is_wrong(4, &[words]);
    }
}

#[test]
fn bots_arrive() {
    let game = r#"game = GymScene().scene("game")
net = ModelConfig(
    "bots/net.onnx", "obs", "logits", state_inputs=["h"], state_outputs=("h2",), state_shape=[1, 64],
    fixed_inputs={"seq_lens": 1}, choice="softmax", temperature=0.5,
)
game.policies({"a": "human", "b": net, "c": FunctionPolicy("greedy", frame_skip=2), "d": "random"}, frame_skip=4)
game.gameplay(action_mapping={"w": 1}, default_action=0)
game.runtime(environment_initialization_code="def greedy(observation, random): return 1\nenv = 1")
"#;
    let study = Study::of(&around(game)).with("bots/net.onnx", "x");
    let loaded = study.load();
    let gym = loaded.experiment.stager.gyms().next().unwrap();
    assert_eq!(
        serde_json::to_value(&gym.policies).unwrap(),
        serde_json::json!({
            "a": "human",
            "b": {"model": {
                "onnx_path": "bots/net.onnx", "obs_input": "obs", "logit_output": "logits", "state_inputs": ["h"],
                "state_outputs": ["h2"], "state_shape": [1, 64], "fixed_inputs": {"seq_lens": 1.0}, "frame_skip": 4,
                "choice": {"kind": "softmax", "temperature": 0.5},
            }},
            "c": {"function": {"name": "greedy", "frame_skip": 2}},
            "d": {"random": {"frame_skip": 4}},
        })
    );
    assert_eq!(gym.policies["b"].model().unwrap().path, study.path("bots/net.onnx"));
    assert!(gym.group.is_none(), "one person in a browser plays without a waiting room");
}

#[test]
fn bots_that_cannot_play_are_refused() {
    let models =
        "net = ModelConfig('net.onnx', 'obs', 'logits')\ngame.policies({'a': 'human', 'b': 'human', 'c': net})";
    let study = Study::of(&around(&format!("{PAIR}{models}"))).with("net.onnx", "x");
    study.is_wrong(4, &["1 problem in", "with several humans networks play on the service"]);
    let on_service =
        Study::of(&around(&format!("{PAIR}{models}\ngame.runtime(mode='streamed')"))).with("net.onnx", "x");
    assert!(on_service.check().well, "{}", on_service.check().text);
    let function = "game.policies({'a': 'human', 'b': FunctionPolicy('greedy')})";
    Study::of(&around(&format!("{PAIR}{function}"))).is_wrong(
        4,
        &["1 problem in", "has FunctionPolicy(function=\"greedy\") for agent \"b\", but its environment's"],
    );
}
