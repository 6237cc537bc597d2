//! Every option refuses what it does not allow, at the researcher's line and in words that help.

use crate::bench::{Study, refused};

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
            "hud_text_fn must be the name of a function (env, agent) in the environment's code",
        ),
        ("GymScene().rendering(hud_text_fn='a b')", "but 'a b' was given"),
        ("GymScene().rendering(hud_score_carry_over=1)", "hud_score_carry_over must be True or False"),
    ]);
}

#[test]
fn of_bonuses_and_pages_of_players() {
    refused(&[
        ("GymScene().bonus()", "GymScene.bonus: function is missing"),
        ("GymScene().bonus(3)", "function must be a function that is called with a participant"),
        (
            "GymScene().bonus(lambda: 1)",
            "function must be a function that can be called with one argument (participant)",
        ),
        ("GymScene().bonus(lambda participant: 1, text='3')", "GymScene.bonus: text has no {bonus}"),
        ("Experiment().bonus(lambda participant: 1, decimals=7)", "decimals must be a whole number from 0 to 6"),
        ("GymScene().content(in_game_scene_body=3)", "in_game_scene_body must be a str, or a dict from agents"),
        ("GymScene().content(in_game_scene_header={'a': 3})", "in_game_scene_header must map 'a' to a str"),
        (
            "GymScene().content(game_page_html_fn=lambda participant: '')",
            "game_page_html_fn must be a function that can be called with two arguments (participant, agent)",
        ),
    ]);
}

#[test]
fn of_assets() {
    let list = "a list of paths such as 'hero.png'";
    refused(&[
        ("GymScene().assets(assets_dir='.', assets_to_preload='hero.png')", list),
        ("GymScene().assets(assets_dir='.', preload_specs=[3])", list),
        (
            "GymScene().assets(assets_dir='.', assets_to_preload=['hero'])",
            "has 'hero': a path is relative to assets_dir",
        ),
        ("GymScene().assets(assets_dir='.', assets_to_preload=['../a.png'])", "a path is relative to assets_dir"),
        ("GymScene().assets(assets_dir='.', preload_specs=[{'name': 'a'}])", "whose \"kind\" must be there, and text"),
        ("GymScene().assets(assets_dir='.', preload_specs=[{'kind': 'film'}])", "must be 'image', 'spritesheet'"),
        (
            "GymScene().assets(assets_dir='.', preload_specs=[{'kind': 'image', 'name': 'a', 'path': '/a.png'}])",
            "whose \"path\" must be a path relative to assets_dir",
        ),
        (
            "GymScene().assets(assets_dir='.', preload_specs=[{'kind': 'image', 'name': 'a', 'path': 'a.png', 'w': 1}])",
            "with 'w'; it may have kind, name, path",
        ),
        (
            "GymScene().assets(assets_dir='.', animation_configs=[{'name': 'a', 'image_name': 'b', 'frames': []}])",
            "whose \"frames\" must be a list of frame numbers or names, at least one",
        ),
        (
            "GymScene().assets(assets_dir='.', animation_configs=[{'name': 'a', 'image_name': 'b', 'frames': [1], 'fps': 0}])",
            "whose \"fps\" must be a whole number from 1 to 60",
        ),
        ("GymScene().rendering(background_image='sky')", "background_image must be the path of a picture"),
        ("GymScene().rendering(background_image='/sky.png')", "background_image must be the path of a picture"),
        ("GymScene().rendering(background='a.png', background_image='b.png')", "give one of them"),
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
        ("GymScene().gameplay(tutorial_episodes=101)", "tutorial_episodes must be a whole number from 0 to 100"),
        ("GymScene().gameplay(episode_ready_check='yes')", "episode_ready_check must be True or False"),
        ("GymScene().gameplay(action_mapping={3: 1})", "a key is a str or a tuple of str"),
        (
            "GymScene().gameplay(action_mapping={'Left': 1})",
            "has the key 'Left', which no keyboard sends; did you mean 'ArrowLeft'?",
        ),
        ("GymScene().gameplay(action_mapping={'arrowleft': 1})", "did you mean 'ArrowLeft'?"),
        ("GymScene().gameplay(action_mapping={'Space': 1})", "did you mean ' '?"),
        ("GymScene().gameplay(action_mapping={'gamepad a': 1})", "no gamepad has; did you mean 'Gamepad.A'?"),
        ("GymScene().gameplay(action_mapping={'Gamepad.Z': 1})", "a gamepad has 'Gamepad.A', 'Gamepad.B'"),
        ("GymScene().gameplay(pointer='drag')", "pointer must be 'click' or 'hold' or 'move', but 'drag' was given"),
        ("GymScene().gameplay(on_screen_controls='always')", "on_screen_controls must be True, False or 'auto'"),
        ("GymScene().gameplay(on_screen_controls=1)", "TypeError: GymScene.gameplay: on_screen_controls must be"),
        ("GymScene().gameplay(key_labels=['Jump'])", "key_labels must be a dict from keys of action_mapping"),
        ("GymScene().gameplay(key_labels={'Space': 'Jump'})", "did you mean ' '?"),
        ("GymScene().gameplay(key_labels={' ': ''})", "must map ' ' to text of 1 to 24 characters, but '' was given"),
        ("GymScene().gameplay(key_labels={' ': 3})", "must map ' ' to text of 1 to 24 characters, but 3 was given"),
        ("GymScene().gameplay(action_mapping={'Nonsense': 1})", "use the name that KeyboardEvent.key has"),
        ("GymScene().gameplay(action_mapping={(): 1})", "a combination is of one or more different keys"),
        ("GymScene().gameplay(action_mapping={('a', 'a'): 1})", "a combination is of one or more different keys"),
        ("GymScene().gameplay(action_mapping={('a', 'b'): 1, ('b', 'a'): 2})", "maps the keys ('b', 'a') twice"),
        (
            "GymScene().gameplay(action_mapping={'w': 1, ('d', 'a'): 1, ('A', 'd'): 2})",
            "maps a + d and A + d, which are the same keys to a keyboard, to different actions",
        ),
        ("GymScene().gameplay(action_mapping={'w': 1, 'W': 1, 'a': None})", "must map 'a' to an action"),
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
        ("EndScene().redirect('https://a.org/?x={kode}')", "has {kode}; did you mean {code}?"),
        ("EndScene().redirect('https://{host}/')", "which may have {...} only after its host"),
        ("EndScene().redirect('https://a.org', append_code=True)", "which may have {...} only after its host"),
        ("EndScene().redirect('https://a.org/?{')", "has braces that hold no name"),
        ("EndScene().redirect('https://a.org', parameters={'a': '{b c}'})", "has braces that hold no name"),
        ("EndScene().redirect('https://a.org', outcomes={'complet': None})", "did you mean 'complete'?"),
        ("EndScene().redirect('https://a.org', outcomes={'complete': 'x'})", "must begin with http://"),
        ("EndScene().redirect('https://a.org', after_s=0)", "after_s must be a number from 1 to 600, but 0"),
        ("CompletionCodeScene(code='x')", "completion_codes(complete=...)"),
        (
            "CompletionCodeScene().redirct('x')",
            "`redirct` is not a method of CompletionCodeScene; did you mean `redirect`",
        ),
        ("EndScene().redirect('done.html')", "url must be an absolute address that begins with http:// or https://"),
        ("EndScene().redirect('javascript:alert(1)')", "url must be an absolute address"),
        ("EndScene().redirect('https://a.org', append_subject_id=1)", "append_subject_id must be True or False, but 1"),
        ("StartScene().disply()", "AttributeError: `disply` is not a method of StartScene; did you mean `display`?"),
        (
            "GymScene().matchmaking(max_rtt=100)",
            "`matchmaking` is not a method of GymScene in this version; use .waitroom(matchmaker=...)",
        ),
        ("GymScene().player_grouping()", "use .waitroom(matchmaker=GroupReunionMatchmaker(...))"),
        ("GymScene().player_pairing()", "use .waitroom(matchmaker=GroupReunionMatchmaker(...))"),
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
        ("GymScene().runtime(run_through_pyodide=True)", "say where the environment runs with mode='browser'"),
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

#[test]
fn of_callbacks() {
    let class = |method: &str| format!("class Log:\n    {method}\nGymScene().gameplay(callback=Log())");
    for (method, words) in [
        ("def on_game_over(self, event): pass", "with `on_game_over`, which nothing calls; did you mean `on_game_"),
        (
            "def on_game_over(self, event): pass",
            "The hooks are on_participant_join, on_participant_return, on_scene_start",
        ),
        ("def on_waitroom_start(self, event): pass", "nothing calls; use on_waitroom_join"),
        ("def on_game_tick_end(self, event): pass", "write what happens at a step into the environment"),
        ("def on_graphics_start(self, event): pass", "draw in the environment's render()"),
        ("def on_game_end(self): pass", "whose on_game_end must take one argument (event), but takes ()"),
        ("def on_game_end(self, game, reason): pass", "must take one argument (event), but takes (game, reason)"),
        ("async def on_game_end(self, event): pass", "whose on_game_end is `async`: write it with `def`"),
        ("on_game_end = 3", "whose on_game_end is no method but 3"),
        ("def game_end(self, event): pass", "which has no method for any hook. The hooks are on_participant_join"),
    ] {
        Study::of(&class(method)).is_wrong(6, &["ValueError: GymScene.gameplay: callback has", words]);
    }
    refused(&[
        ("GymScene().gameplay(callback=GameCallback())", "which has no method for any hook"),
        ("GymScene().gameplay(callback=GameCallback)", "must be an object, but the class <class 'greenroom.callbacks."),
        (
            "Experiment().callbacks()",
            "callbacks is missing: it must be an object with methods such as on_game_end(event)",
        ),
        ("Experiment().callbacks([3])", "Experiment.callbacks: callbacks has 3, which has no method for any hook"),
        ("Experiment().callback(3)", "`callback` is not a method of Experiment in this version; use .callbacks(...)"),
        ("import greenroom; greenroom.MultiCallback", "give a list: .callbacks([a, b])"),
    ]);
}

#[test]
fn any_object_with_hooks_is_a_callback() {
    let study = Study::of(
        "class Log(GameCallback):
    def on_game_end(self, event): pass
class Plain:
    def on_desync(self, event, *rest): pass
class Own:
    def __init__(self): self.on_episode_end = print
Experiment().callbacks([Log(), Plain()]).callbacks(Own())
GymScene().gameplay(callback=(Plain(), Own()))
raise SystemExit('accepted')",
    );
    study.is_wrong(12, &["SystemExit: accepted"]);
    let twice = Study::of(
        "class Log:\n    def on_game_end(self, event): pass\nlog = Log()\nExperiment().callbacks([log, log])",
    );
    twice.is_wrong(7, &["callbacks has <", " twice"]);
}
