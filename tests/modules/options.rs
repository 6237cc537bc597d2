//! Every option refuses what it does not allow, at the researcher's line and in words that help.

use crate::bench::Study;

/// Each of `calls`, alone in a module, is refused at its line in the words beside it.
#[track_caller]
fn refused(calls: &[(&str, &str)]) {
    for (call, words) in calls {
        Study::of(call).is_wrong(4, &[words]);
    }
}

#[test]
fn of_rendering() {
    refused(&[
        (
            "GymScene().rendering(fps='fast')",
            "TypeError: GymScene.rendering: fps must be a whole number from 1 to 240, but 'fast' was given",
        ),
        (
            "GymScene().rendering(fps=0)",
            "ValueError: GymScene.rendering: fps must be a whole number from 1 to 240, but 0 was given",
        ),
        ("GymScene().rendering(fps=241)", "from 1 to 240, but 241 was given"),
        ("GymScene().rendering(fps=True)", "but True was given"),
        ("GymScene().rendering(fps=30.0)", "but 30.0 was given"),
        ("GymScene().rendering(fps=None)", "but None was given"),
        ("GymScene().rendering(fps=10**30)", "but 1000000000000000000000000000000 was given"),
        ("GymScene().rendering(30)", "30 was given without a name: write the option's name, for example fps=..."),
        ("GymScene().rendering(game_width=15)", "game_width must be a whole number from 16 to 4096"),
        ("GymScene().rendering(game_height=4097)", "game_height must be a whole number from 16 to 4096"),
        ("GymScene().rendering(background=3)", "background must be a CSS colour such as"),
        ("GymScene().rendering(background='red;} body{')", "background must be a CSS colour such as"),
        ("GymScene().rendering(frames=3)", "`frames` is not an option of GymScene.rendering"),
        ("GymScene().rendering(game_widht=300)", "did you mean `game_width`?"),
        (
            "GymScene().rendering(hud_text_fn=str)",
            "`hud_text_fn` is not an option of GymScene.rendering in this version; draw it",
        ),
    ]);
}

#[test]
fn of_gameplay() {
    refused(&[
        (
            "GymScene().gameplay(action_mapping=[1])",
            "TypeError: GymScene.gameplay: action_mapping must be a dict from keys to actions",
        ),
        ("GymScene().gameplay(action_mapping={})", "action_mapping is empty"),
        ("GymScene().gameplay(action_mapping={3: 1})", "a key is a str or a tuple of str"),
        (
            "GymScene().gameplay(action_mapping={'Left': 1})",
            "has the key 'Left', which no keyboard sends; did you mean 'ArrowLeft'?",
        ),
        ("GymScene().gameplay(action_mapping={'arrowleft': 1})", "did you mean 'ArrowLeft'?"),
        ("GymScene().gameplay(action_mapping={'Space': 1})", "did you mean ' '?"),
        ("GymScene().gameplay(action_mapping={'Nonsense': 1})", "use the name that KeyboardEvent.key has"),
        ("GymScene().gameplay(action_mapping={(): 1})", "a combination is of one or more different keys"),
        ("GymScene().gameplay(action_mapping={('a', 'a'): 1})", "a combination is of one or more different keys"),
        ("GymScene().gameplay(action_mapping={('a', 'b'): 1, ('b', 'a'): 2})", "maps the keys ('b', 'a') twice"),
        ("GymScene().gameplay(action_mapping={'a': None})", "must map 'a' to an action"),
        ("GymScene().gameplay(action_mapping={'a': [1, object()]})", "must map 'a' to an action"),
        ("GymScene().gameplay(action_mapping={'a': float('nan')})", "but nan was given"),
        ("GymScene().gameplay(default_action=None)", "default_action must be an action: bool, int, float, str"),
        ("x = []; x.append(x); GymScene().gameplay(default_action=x)", "but [[...]] was given"),
        ("GymScene().gameplay(default_action=2**64)", "but 18446744073709551616 was given"),
        ("GymScene().gameplay(num_episodes=0)", "num_episodes must be a whole number from 1 to 1000, but 0"),
        ("GymScene().gameplay(max_steps=1_000_001)", "max_steps must be a whole number from 1 to 1000000"),
        (
            "GymScene().gameplay(input_mode='held')",
            "input_mode must be 'pressed_keys' or 'single_keystroke', but 'held'",
        ),
        ("GymScene().gameplay(action_population_method=1)", "must be 'default_action' or 'previous_submitted_action'"),
        ("GymScene().gameplay(reset_freeze_s=61)", "reset_freeze_s must be a number from 0 to 60, but 61"),
        ("GymScene().gameplay(reset_freeze_s=float('nan'))", "reset_freeze_s must be a number from 0 to 60, but nan"),
        ("GymScene().gameplay(reset_freeze_s='1')", "TypeError: GymScene.gameplay: reset_freeze_s"),
        (
            "GymScene().gameplay(human_id='a')",
            "`human_id` is not an option of GymScene.gameplay in this version; say which",
        ),
    ]);
}

#[test]
fn of_policies() {
    refused(&[
        ("GymScene().policies()", "policy_mapping is missing: it must be a dict"),
        ("GymScene().policies('human')", "policy_mapping must be a dict"),
        ("GymScene().policies({1.5: 'human'})", "has the agent id 1.5: ids are str or int"),
        ("GymScene().policies({'a': 'robot'})", "must give agent \"a\" 'human' or 'random', but 'robot' was given"),
        ("GymScene().policies({'a': 'random'})", "has no human"),
        (
            "GymScene().policies({'a': 'human', 'b': 'human'})",
            "has 2 humans: several humans in one game come with multiplayer",
        ),
        ("GymScene().policies({1: 'human', '1': 'random'})", "names agent \"1\" twice"),
        ("GymScene().policies({'a': 'human'}, policy_mapping={})", "policy_mapping was given twice"),
        ("GymScene().policies({'a': 'human'}, frame_skip=4)", "`frame_skip` is not an option"),
    ]);
}

#[test]
fn of_pages() {
    refused(&[
        ("StartScene('welcome')", "StartScene takes no arguments, but 'welcome' was given"),
        ("GymScene(scene_id='x')", "name the scene with .scene(scene_id=...)"),
        ("StartScene().scene()", "scene_id is missing: it must be a name of 1 to 64 letters"),
        ("StartScene().scene('a b')", "scene_id must be a name of 1 to 64 letters"),
        ("GymScene().scene('../x')", "GymScene.scene: scene_id must be a name"),
        ("EndScene().scene(7)", "TypeError: EndScene.scene: scene_id must be a name"),
        ("StartScene().display(scene_header=1)", "scene_header must be text (str), but 1 was given"),
        ("StartScene().display(scene_body=b'x')", "scene_body must be text (str)"),
        ("StartScene().display(scene_body='\\ud800')", "scene_body must be text (str)"),
        ("StartScene().display(scene_body='a', scene_body_filepath='b')", "were both given: give one of them"),
        ("StartScene().display(scene_body_filepath=3)", "must be the path of a file or directory"),
        ("EndScene().redirect()", "url is missing"),
        ("EndScene().redirect('done.html')", "url must be an absolute address that begins with http:// or https://"),
        ("EndScene().redirect('javascript:alert(1)')", "url must be an absolute address"),
        ("EndScene().redirect('https://a.org', append_subject_id=1)", "append_subject_id must be True or False, but 1"),
        ("StartScene().disply()", "AttributeError: `disply` is not a method of StartScene; did you mean `display`?"),
        (
            "GymScene().multiplayer(mode='p2p')",
            "`multiplayer` is not a method of GymScene in this version; several humans",
        ),
        ("GymScene().content(in_game_scene_body='a', in_game_scene_body_filepath='b')", "were both given"),
        ("GymScene().data(record_observations='yes')", "record_observations must be True or False, but 'yes'"),
    ]);
}

#[test]
fn of_files_that_are_not_there() {
    for call in [
        "StartScene().display(scene_body_filepath='no/such.html')",
        "GymScene().runtime(environment_initialization_code_filepath='no/such.html')",
        "GymScene().content(in_game_scene_body_filepath='no/such.html')",
        "GymScene().assets('no/such.html')",
    ] {
        let study = Study::of(call);
        let tried = study.path("no/such.html");
        study.is_wrong(4, &["FileNotFoundError", tried.to_str().unwrap()]);
    }
}

#[test]
fn of_runtime() {
    refused(&[
        (
            "GymScene().runtime(environment_initialization_code='env =')",
            "the code does not compile: invalid syntax: `env =`",
        ),
        ("GymScene().runtime(on_game_step_code='x = (')", "<on_game_step_code>:1: the code does not compile"),
        ("GymScene().runtime(packages_to_install='numpy')", "packages_to_install must be a list of requirements"),
        ("GymScene().runtime(packages_to_install=['numpy', 3])", "packages_to_install must be a list of requirements"),
        (
            "GymScene().runtime(packages_to_install=['--index-url x'])",
            "packages_to_install must be a list of requirements",
        ),
        ("GymScene().runtime(run_through_pyodide=True)", "environments always run in the browser"),
    ]);
    let call = "GymScene().runtime(environment_initialization_code_filepath='env.py')";
    let study = Study::of(call).with("env.py", "env = 1\nfor\n");
    let place = format!("{}:2: the code does not compile", study.path("env.py").display());
    study.is_wrong(4, &[&place, "`for`"]);
}

#[test]
fn of_the_study() {
    refused(&[
        ("Stager([StartScene(), 3])", "but 3 stands at position 1"),
        ("Stager(StartScene())", "scenes must be a list of scenes"),
        ("Stager()", "scenes is missing"),
        ("Experiment().experiment('a b', Stager([]))", "experiment_id must be a name"),
        ("Experiment().experiment('a', [])", "stager must be a Stager, but [] was given"),
        ("Experiment().experiment('a')", "stager is missing: it must be a Stager"),
        ("Experiment().hosting(port=80)", "`hosting` is not a method of Experiment in this version; host and port"),
        ("Experiment().static_files('pictures')", "directories must be a list of directories"),
        ("Experiment().static_files(['/tmp'])", "must be a relative path below the folder"),
        ("Experiment().static_files(['../x'])", "must be a relative path below the folder"),
        ("Experiment().static_files(['.'])", "would serve the experiment module itself"),
        ("Experiment().static_files(['nowhere'])", "is not a directory"),
    ]);
    for reserved in ["assets", "files", "ws", "healthz", "metrics", "admin"] {
        let study =
            Study::of(&format!("Experiment().static_files(['{reserved}/x'])")).with(&format!("{reserved}/x/a"), "");
        study.is_wrong(4, &[&format!("begins with `{reserved}`, which the service needs for itself")]);
    }
}

#[test]
fn of_static_files_behind_a_link() {
    let study = Study::of("Experiment().static_files(['out'])");
    std::os::unix::fs::symlink("/", study.path("out")).unwrap();
    study.is_wrong(4, &["is a link that leads out of the folder"]);
}
