//! Studies for tests, as plain types: what a test does not say is as if a researcher had not said it.

use greenroom::experiment::*;
use greenroom::ids::SceneId;
use greenroom::wire::Page;

pub fn id(text: &str) -> SceneId {
    text.parse().unwrap()
}

/// The scene `start`.
pub fn start() -> StartScene {
    StartScene { scene_id: id("start"), page: Page::default() }
}

/// The scene `end`.
pub fn end() -> EndScene {
    EndScene { scene_id: id("end"), page: Page::default(), redirect: None, shows_code: false, bonus: None }
}

/// A game that people play, each one of these agents.
pub fn game(scene: &str, people: &[&str]) -> GymScene {
    GymScene {
        scene_id: id(scene),
        page: Page::default(),
        in_game_header: String::new(),
        in_game_body: String::new(),
        player_pages: Default::default(),
        bonus: None,
        rendering: Rendering::default(),
        gameplay: Gameplay::default(),
        policies: people.iter().map(|agent| ((*agent).to_owned(), Policy::Human)).collect(),
        mode: Mode::Browser,
        group: None,
        runtime: Runtime {
            code: "env = None".into(),
            filename: "env.py".into(),
            on_game_step_code: None,
            packages_to_install: Vec::new(),
        },
        assets_dir: None,
        record_observations: false,
        monitoring: None,
    }
}

/// The study `study` with these scenes.
pub fn study_of(stager: Stager) -> Experiment {
    Experiment {
        id: "study".parse().unwrap(),
        stager,
        static_directories: Vec::new(),
        globals: Default::default(),
        gates: Default::default(),
        language: Default::default(),
    }
}
