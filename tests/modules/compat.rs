//! Scripts that were written for another system: they load as they are, or their own line is named with what to write.

use std::path::{Path, PathBuf};

use crate::bench::{Report, Study, check};

/// Lines 1 to 5 of every script; its own begin at line 6.
const HEAD: &str = "import eventlet
eventlet.monkey_patch()
from mug.configurations.experiment_config import ExperimentConfig
from mug.scenes import gym_scene, scene, stager, static_scene
from mug.server import app
";

/// A game that lacks nothing; five lines.
const GAME: &str = r#"game = gym_scene.GymScene().scene("game")
game.policies(policy_mapping={"human": "human"})
game.gameplay(action_mapping={"w": 1}, default_action=0)
game.runtime(environment_initialization_code="env = 1")
scenes = [static_scene.StartScene().scene("start"), game, static_scene.EndScene().scene("end")]
"#;

const RUN: &str = "app.run(ExperimentConfig().experiment('pilot', stager.Stager(scenes)))";

fn script(body: &str) -> Study {
    Study::new().with("study.py", &format!("{HEAD}{body}\n"))
}

/// A game with one more call, at line 11.
fn game(call: &str) -> Study {
    script(&format!("{GAME}{call}\n{RUN}"))
}

#[track_caller]
fn is_well(study: &Study) -> Report {
    let report = study.check();
    assert!(report.well, "{}", report.text);
    report
}

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat/examples").join(path)
}

#[track_caller]
fn loads(path: &str, words: &[&str]) {
    let report = check(&example(path));
    assert!(report.well, "{}", report.text);
    for word in words {
        assert!(report.text.contains(word), "{word:?} is not in:\n{}", report.text);
    }
}

#[test]
fn a_study_of_one_player_loads_as_it_is() {
    let words = [
        "Study mountain_car_demo",
        "300 x 200 pixels, 30 fps",
        "environment  mountain_car_rgb_env.py",
        "packages     gymnasium==1.4.0\n",
        ":37: note: GymScene.content: scene_body is a tuple of texts, which are joined",
        "note: Experiment.hosting: port=5702 is not needed",
    ];
    loads("mountain_car/mountain_car_experiment.py", &words);
}

#[test]
fn games_with_networks_and_of_two_people_load_as_they_are() {
    loads(
        "slimevb/human_ai.py",
        &["the network assets/slimevb_policy.onnx, drawn at temperature 1", "as /examples/slimevb/assets/"],
    );
    loads(
        "slimevb/human_human.py",
        &["LatencyFifoMatchmaker(max_rtt_sum_ms=100)", "120 s in vain", "the action before"],
    );
    loads("cogrid/overcooked_human_human.py", &["after 300 s in vain", "keys pressed", "user-input   optional"]);
    loads("cogrid/overcooked_server.py", &["on the service; browsers show its pictures", "input_delay is not needed"]);
    loads("cogrid/overcooked_seed.py", &["Study overcooked_seed", "packages     none"]);
}

#[test]
fn a_study_of_questions_loads_as_it_is() {
    loads(
        "survey/survey.py",
        &[
            "mc-1         required",
            "scale-1      required",
            "https://example.org/?pid=",
            "as /examples/survey/pictures/",
        ],
    );
}

#[test]
fn scenes_in_a_drawn_order_load_as_they_are() {
    loads("cogrid/overcooked_human_ai.py", &["Study overcooked_human_ai"]);
}

#[test]
fn unity_scenes_load_as_they_are() {
    loads("footsies/footsies_experiment.py", &["Study footsies", "train_adaptive"]);
    loads("lighthouse/lighthouse_experiment.py", &["Study lighthouse", "1 in random order of (part-1"]);
}

#[test]
fn what_the_other_system_never_had_goes_to_the_builders() {
    for call in [
        "game.skip_if(lambda participant: False).gameplay(num_episodes=2)",
        "from mug.scenes.unity_scene import UnityScene; UnityScene().hooks(on_message=lambda participant, data: None).scene('u')",
    ] {
        is_well(&game(call));
    }
}

#[test]
fn the_study_is_found_wherever_the_script_leaves_it() {
    for last in [
        RUN,
        "config = ExperimentConfig().experiment('pilot', stager.Stager(scenes))",
        "experiment = ExperimentConfig().experiment('pilot', stager.Stager(scenes))",
        "if __name__ == '__main__':\n    app.run(ExperimentConfig().experiment('pilot', stager.Stager(scenes)))",
        "def main():\n    app.run(ExperimentConfig().experiment('pilot', stager.Stager(scenes)))\n\nif '__main__' == __name__:\n    main()",
        "other = ExperimentConfig()\napp.run(ExperimentConfig().experiment('pilot', stager.Stager(scenes)))",
    ] {
        is_well(&script(&format!("{GAME}{last}")));
    }
}

#[test]
fn several_studies_in_one_script_are_told_with_their_lines() {
    let study = script(&format!("{GAME}a = ExperimentConfig()\nb = ExperimentConfig()"));
    let text = study.check().text;
    let (path, words) = (study.path("study.py"), "makes 2 studies");
    let places = format!("{0}:11, {0}:12", path.display());
    assert!(text.contains(words) && text.contains(&places), "{text}");
    let text = script(GAME).check().text;
    assert!(text.contains("makes no ExperimentConfig"), "{text}");
}

#[test]
fn problems_of_the_study_are_told_at_the_scripts_lines() {
    let body = format!("{}{RUN}", GAME.replace(", default_action=0", ""));
    script(&body).is_wrong(6, &["has no default action"]);
    script(&format!("scenes = [static_scene.StartScene().scene('a')]\n{RUN}"))
        .is_wrong(6, &["the last scene must be an EndScene"]);
    game("game.rendering(fps=0)").is_wrong(11, &["GymScene.rendering: fps must be a whole number from 1 to 240"]);
    game("game.rendering(frames=3)").is_wrong(11, &["`frames` is not an option of GymScene.rendering"]);
    game("game.render(fps=3)").is_wrong(11, &["`render` is not a method of GymScene; did you mean `rendering`?"]);
}

#[test]
fn what_has_no_counterpart_is_refused_at_its_line() {
    for (call, words) in [
        ("game.rendering(env_to_state_fn=print)", &["GymScene.rendering: env_to_state_fn=<built-in", "render()"][..]),
        ("game.rendering(hud_text_fn=print)", &["hud_text_fn", "define `hud_text(env)` there"]),
        ("game.rendering(location_representation='pixels')", &["location_representation='pixels'", "relative=False"]),
        ("game.policies({0: 'human'}, load_policy_fn=print)", &["load_policy_fn", "ModelConfig"]),
        ("game.policies({0: 'human', 1: 'bot.onnx'})", &["ModelConfig(onnx_path=\"bot.onnx\""]),
        (
            "game.runtime(environment_initialization_code='env = 1\\nwho = mug_globals[\"subjectName\"]')",
            &["the code, line 2, reads 'subjectName'", "player_subjects.AGENT"],
        ),
        (
            "game.runtime(on_game_step_code='interactive_gym_globals.get(\"subjectName\", 1)')",
            &["on_game_step_code", "game_page_html_fn"],
        ),
        ("game.assets(state_init=[1])", &["state_init=[1]", "render()"]),
        ("game.scene('game', experiment_config={'a': 1})", &["experiment_config={'a': 1}", "scene_body"]),
        ("game.environment(env_creator=lambda: 1)", &["env_creator", "into a file beside the script"]),
        ("game.waitroom(timeout_redirect_url='https://x.org')", &["timeout_redirect_url", "EndScene.redirect"]),
        ("game.multiplayer(pause_on_partner_background=True)", &["pause_on_partner_background=True", "tab_exclude_ms"]),
        ("game.multiplayer(mode='host')", &["mode='host'", "'server_authoritative'"]),
        ("game.pyodide(realtime_mode=False)", &["realtime_mode=False", "the service's clock"]),
        ("game.user_experience(colour='red')", &["`colour` is not an option of GymScene.content"]),
        (
            "ExperimentConfig().experiment('a', stager.Stager(scenes), save_experiment_data=False)",
            &["data are always saved"],
        ),
        ("ExperimentConfig().theme = 'dark'", &["theme='dark'", "say it with a method"]),
        ("static_scene.StaticScene().element_ids = ['age']", &["element_ids=['age']", "SurveyScene"]),
        ("app.run()", &["app.run: config must be an ExperimentConfig"]),
        ("from mug.scenes.static_scene import TextBoxes", &["counterpart of `TextBoxes`", "did you mean `TextBox`?"]),
        ("from mug.server import socketio", &["counterpart of `socketio`", "docs/embedding.md"]),
        ("import mug.examples.slimevb", &["does not have the examples of mug"]),
        (
            "from interactive_gym.configurations.remote_config import RemoteConfig; RemoteConfig()",
            &["RemoteConfig has no counterpart"],
        ),
        (
            "class Own(static_scene.StaticScene):\n    def on_client_callback(self, data): ...\nOwn()",
            &["would never be called"],
        ),
        (
            "class Own(stager.Stager):\n    def advance(self, socketio, room): ...\nOwn(scenes)",
            &["Own.advance", "skip_if"],
        ),
        ("class Own(scene.RandomizeOrder):\n    def build(self): ...\nOwn([game])", &["Own.build", "Conditions"]),
        ("class Own(static_scene.StaticScene):\n    scene_body = ''\nOwn()", &["Own.scene_body", "in the constructor"]),
        (
            "class Own(static_scene.StaticScene):\n    element_ids = ['age']\nOwn()",
            &["element_ids=['age']", "SurveyScene"],
        ),
        ("static_scene.StaticScene().element_ids.append('age')", &["element_ids=['age']", "SurveyScene"]),
        ("__import__('copy').copy(game)", &["GymScene: a scene cannot be copied; write a function that makes it"]),
        ("game.content(in_game_scene_body='<script>1</script>')", &["in_game_scene_body='<script>'", "HtmlScene"]),
        ("scenes[0].display(scene_body='<img src=\"//x.org/a.png\">')", &["'//x.org/a.png'", "static_files"]),
        ("game.fps = 0", &["GymScene.rendering: fps must be a whole number from 1 to 240"]),
        ("ExperimentConfig().save_experiment_data = False", &["data are always saved"]),
    ] {
        let line = 11 + u32::try_from(call.matches('\n').count()).unwrap();
        game(call).is_wrong(line, words);
    }
}

#[test]
fn what_needs_no_counterpart_is_noted_at_its_line() {
    let study = game("game.multiplayer(input_delay=2, input_confirmation_timeout_ms=500)");
    let text = is_well(&study).text;
    for words in [
        ":11: note: GymScene.multiplayer: input_confirmation_timeout_ms=500 is not needed",
        ":11: note: GymScene: input_delay: without effect in a game of one person",
    ] {
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
    }
}

#[test]
fn what_a_method_has_may_be_set_and_read_as_an_attribute() {
    let text = is_well(&game(
        "game.fps = 25
game.scene_id = 'other'
game.mine = 3
assert (game.fps, game.scene_id, game.mine, game.default_action) == (25, 'other', 3, 0)
class Page(static_scene.StaticScene):
    def __init__(self):
        super().__init__()
        self.scene_body = '<p>Read</p>'
scenes.insert(1, Page().scene('page'))
ExperimentConfig().entry_max_ping = 300",
    ))
    .text;
    assert!(text.contains("25 fps") && text.contains("GymScene    other"), "{text}");
}

#[test]
fn options_of_the_older_version_have_its_order() {
    let script = GAME
        .replace("game.runtime(environment_initialization_code=\"env = 1\")", "game.pyodide(True, False, \"env = 1\")");
    is_well(&self::script(&format!("{script}{RUN}")));
}

#[test]
fn pictures_may_be_named_as_greenroom_does() {
    is_well(&game("game.assets(assets_dir='pictures', assets_to_preload=['hero.png'])").with("pictures/hero.png", "x"));
}

#[test]
fn names_are_found_in_every_module() {
    is_well(&game(
        "from mug.some.new_place import Surface, InputModes
from mug.rendering import Surface as Again
import mug.scenes.gym_scene as other
assert Surface is Again and other.GymScene is gym_scene.GymScene
from interactive_gym.utils import Sprite
from mug.scenes.static_scene import *
assert TextBox is static_scene.TextBox
assert not hasattr(mug_scenes := __import__('mug.scenes').scenes, 'Nothing')",
    ));
}

#[test]
fn a_checkout_of_the_other_system_is_not_imported() {
    let study =
        game("").with("mug/__init__.py", "raise RuntimeError('theirs')").with("eventlet.py", "monkey_patch = 3");
    is_well(&study);
}

#[test]
fn matchmakers_of_a_script_are_functions() {
    let body = format!(
        "from mug.server.matchmaker import Matchmaker
class Pairs(Matchmaker):
    def find_match(self, arriving, waiting, group_size):
        return [waiting[0], arriving] if waiting else None
{}game.waitroom(timeout=5000)
game.matchmaking(matchmaker=Pairs())
{RUN}",
        GAME.replace("{\"human\": \"human\"}", "{0: \"human\", 1: \"human\"}")
    );
    let text = is_well(&script(&body)).text;
    assert!(text.contains("matched by Pairs"), "{text}");
}

#[test]
fn limits_for_those_who_play_are_passed_on() {
    is_well(&game("game.multiplayer(continuous_max_ping=200, continuous_ping_violation_window=4)"));
    is_well(&game("game.multiplayer(focus_loss_timeout_ms=30000, focus_loss_message='Gone')"));
    is_well(&game("game.multiplayer(focus_loss_timeout_ms=0)"));
    is_well(&game("game.multiplayer(continuous_callback=lambda context: {'exclude': False})"));
    game("game.multiplayer(continuous_max_ping=-1)").is_wrong(11, &["max_ping"]);
}

#[test]
fn a_served_folder_behind_a_link_is_refused() {
    let run = RUN.replace("ExperimentConfig()", "ExperimentConfig().static_files(directories=['out'])");
    let study = script(&format!("{GAME}{run}"));
    std::os::unix::fs::symlink("/", study.path("out")).unwrap();
    study.is_wrong(11, &["is a link that leads elsewhere: copy the files instead"]);
}
