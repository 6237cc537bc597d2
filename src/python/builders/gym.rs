//! `GymScene`: a game.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::PyClassInitializer;
use pyo3::prelude::*;

use super::callbacks::{self, Callback};
use super::functions::{self, Function};
use super::gate_options::MONITORING;
use super::given::Given;
use super::group::{GroupDraft, MultiplayerChange, WaitroomChange, milliseconds};
use super::group_options::{MULTIPLAYER, WAITROOM};
use super::gym_options::{ASSETS, BONUS, CLASS, CONTENT, DATA, GAMEPLAY, INIT, POLICIES, RENDERING, RUNTIME};
use super::pages::PageChange;
use super::place::caller;
use super::policies::{self, PolicyDraft};
use super::scenes::SceneBase;
use super::{Args, Itself, Named, assets, bonus, files, gates, gym_pages, gym_values, names, set, set_some};
use crate::experiment::{
    ActionPopulation, Asset, Bonus, Gameplay, InputMode, Mode, Monitoring, Place, PlayerPages, Pointer, Rendering,
};
use crate::ids::SceneId;
use crate::wire::Page;

/// A game, as far as it has been described.
#[pyclass(module = "greenroom", extends = SceneBase)]
#[derive(Default)]
pub struct GymScene {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
    pub(in crate::python) in_game_header: String,
    pub(in crate::python) in_game_body: String,
    pub(in crate::python) player_pages: PlayerPages,
    pub(in crate::python) game_page: Option<Function>,
    pub(in crate::python) bonus: Option<(Bonus, Function)>,
    pub(in crate::python) rendering: Rendering,
    pub(in crate::python) gameplay: Gameplay,
    /// Quality of streamed frames, if it was given.
    pub(in crate::python) frame_quality: Option<u8>,
    pub(in crate::python) policies: BTreeMap<String, PolicyDraft>,
    /// What holds for bots that say nothing else, if it was given.
    pub(in crate::python) frame_skip: Option<u32>,
    pub(in crate::python) mode: Mode,
    pub(in crate::python) group: GroupDraft,
    /// Name in tracebacks, and source.
    pub(in crate::python) code: Option<(String, String)>,
    pub(in crate::python) packages_to_install: Vec<String>,
    pub(in crate::python) on_game_step_code: Option<String>,
    pub(in crate::python) assets_dir: Option<PathBuf>,
    /// What browsers load, by the option that says so.
    pub(in crate::python) preload: BTreeMap<&'static str, Vec<Asset>>,
    pub(in crate::python) record_observations: bool,
    pub(in crate::python) callbacks: Vec<Arc<Callback>>,
    pub(in crate::python) monitoring: Option<Monitoring>,
    /// Decides who may go on.
    pub(in crate::python) monitor: Option<Function>,
}

// Every method reads all that was given before it changes anything: a call with a wrong value changes nothing, and no
// Python (a `__repr__` in a message, say) runs while the scene is borrowed.
#[pymethods]
impl GymScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        let place = caller(args.py());
        INIT.bind(args, named)?;
        Ok(SceneBase::under(&CLASS, Self { place, ..Self::default() }))
    }

    #[pyo3(signature = (*args, **named))]
    fn policies<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = POLICIES.bind(args, named)?;
        let policies = policies::policies(&given)?;
        let frame_skip = given.whole("frame_skip")?;
        let mut scene = slf.borrow_mut();
        set(&mut scene.policies, policies);
        set_some(&mut scene.frame_skip, frame_skip);
        drop(scene);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn rendering<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = RENDERING.bind(args, named)?;
        let fps = given.whole("fps")?;
        let width = given.whole("game_width")?;
        let height = given.whole("game_height")?;
        let (background, image) = assets::background(&given)?;
        let smoothing = smoothing(&given)?;
        let hud_text_fn = gym_values::identifier(&given, "hud_text_fn")?;
        let carry_over = given.flag("hud_score_carry_over")?;
        let quality = given.whole("frame_quality")?.and_then(|quality| u8::try_from(quality).ok());
        let mut scene = slf.borrow_mut();
        set_some(&mut scene.frame_quality, quality);
        scene.group.change_smoothing(smoothing);
        let rendering = &mut scene.rendering;
        set(&mut rendering.fps, fps);
        set(&mut rendering.game_width, width);
        set(&mut rendering.game_height, height);
        set(&mut rendering.background, background);
        set_some(&mut rendering.hud_text_fn, hud_text_fn);
        set(&mut rendering.hud_score_carry_over, carry_over);
        set_some(&mut rendering.background_image, image);
        drop(scene);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn gameplay<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = GAMEPLAY.bind(args, named)?;
        let action_mapping = gym_values::action_mapping(&given)?;
        let default_action = gym_values::default_action(&given)?;
        let key_labels = gym_values::key_labels(&given)?;
        let on_screen = gym_values::on_screen_controls(&given)?;
        let pointer = given.word("pointer")?.map(|word| match word {
            "click" => Pointer::Click,
            "hold" => Pointer::Hold,
            _ => Pointer::Move,
        });
        let num_episodes = given.whole("num_episodes")?;
        let max_steps = given.whole("max_steps")?;
        let input_mode = given.word("input_mode")?.map(|word| match word {
            "single_keystroke" => InputMode::SingleKeystroke,
            _ => InputMode::PressedKeys,
        });
        let population = given.word("action_population_method")?.map(|word| match word {
            "previous_submitted_action" => ActionPopulation::PreviousSubmittedAction,
            _ => ActionPopulation::DefaultAction,
        });
        let freeze = given.number("reset_freeze_s")?;
        let tutorial = given.whole("tutorial_episodes")?;
        let ready_check = given.flag("episode_ready_check")?;
        let callbacks = callbacks::read(&given, "callback")?;
        let mut scene = slf.borrow_mut();
        set(&mut scene.callbacks, callbacks);
        let gameplay = &mut scene.gameplay;
        set(&mut gameplay.action_mapping, action_mapping);
        set_some(&mut gameplay.default_action, default_action);
        set(&mut gameplay.key_labels, key_labels);
        set(&mut gameplay.on_screen_controls, on_screen);
        set_some(&mut gameplay.pointer, pointer);
        set(&mut gameplay.num_episodes, num_episodes);
        set(&mut gameplay.max_steps, max_steps);
        set(&mut gameplay.input_mode, input_mode);
        set(&mut gameplay.action_population_method, population);
        set(&mut gameplay.reset_freeze_s, freeze);
        set(&mut gameplay.tutorial_episodes, tutorial);
        set(&mut gameplay.episode_ready_check, ready_check);
        drop(scene);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn content<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = CONTENT.bind(args, named)?;
        let change = PageChange::read(&given)?;
        let headers = gym_pages::by_agent(&given, "in_game_scene_header")?;
        let bodies = gym_pages::bodies(&given)?;
        let function = functions::read(&given, "game_page_html_fn", &["participant", "agent"])?;
        let mut scene = slf.borrow_mut();
        change.apply(&mut scene.page);
        if let Some((header, headers)) = headers {
            scene.in_game_header = header;
            scene.player_pages.headers = headers;
        }
        if let Some((body, bodies)) = bodies {
            scene.in_game_body = body;
            scene.player_pages.bodies = bodies;
        }
        if let Some(function) = function {
            scene.player_pages.function = Some(function.name.clone());
            scene.game_page = Some(function);
        }
        drop(scene);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn assets<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = ASSETS.bind(args, named)?;
        let directory = match given.path("assets_dir")? {
            Some(path) => Some(files::directory(&given.title(), "assets_dir", &path)?),
            None => None,
        };
        let preload = assets::preload(&given)?;
        let mut scene = slf.borrow_mut();
        set_some(&mut scene.assets_dir, directory);
        scene.preload.extend(preload);
        drop(scene);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn runtime<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = RUNTIME.bind(args, named)?;
        let py = slf.py();
        let code = files::code(
            py,
            &given,
            "environment_initialization_code",
            Some("environment_initialization_code_filepath"),
        )?;
        let packages = gym_values::packages(&given)?;
        let on_game_step = files::code(py, &given, "on_game_step_code", None)?;
        let mode = given.word("mode")?.map(|word| match word {
            "authoritative" => Mode::Authoritative,
            "streamed" => Mode::Streamed,
            _ => Mode::Browser,
        });
        let mut scene = slf.borrow_mut();
        set(&mut scene.mode, mode);
        set_some(&mut scene.code, code);
        set(&mut scene.packages_to_install, packages);
        set_some(&mut scene.on_game_step_code, on_game_step.map(|(_, source)| source));
        drop(scene);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn data<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let record_observations = DATA.bind(args, named)?.flag("record_observations")?;
        set(&mut slf.borrow_mut().record_observations, record_observations);
        Ok(slf)
    }

    #[pyo3(name = "bonus", signature = (*args, **named))]
    fn set_bonus<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let bonus = bonus::read(&BONUS.bind(args, named)?)?;
        set_some(&mut slf.borrow_mut().bonus, bonus);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn multiplayer<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let change = MultiplayerChange::read(&MULTIPLAYER.bind(args, named)?)?;
        slf.borrow_mut().group.change_multiplayer(change);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn waitroom<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let change = WaitroomChange::read(&WAITROOM.bind(args, named)?)?;
        slf.borrow_mut().group.change_waitroom(change);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn monitoring<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = MONITORING.bind(args, named)?;
        let before = slf.borrow().monitoring.clone();
        let (terms, monitor) = gates::monitoring(&given, before)?;
        let mut scene = slf.borrow_mut();
        if given.raw("callback").is_some() {
            scene.monitor = monitor;
        }
        scene.monitoring = Some(terms);
        drop(scene);
        Ok(slf)
    }

    fn __repr__(&self) -> String {
        let Rendering { fps, game_width, game_height, .. } = self.rendering;
        let episodes = self.gameplay.num_episodes;
        let detail = format!("{fps} fps, {game_width} x {game_height} pixels, num_episodes={episodes}");
        names::repr("GymScene", self.scene_id.as_ref().map(SceneId::as_str), &detail)
    }
}

fn smoothing(given: &Given<'_>) -> PyResult<Option<std::time::Duration>> {
    const OPTION: &str = "rollback_smoothing_duration";
    match given.raw(OPTION) {
        Some(value) if value.is_none() => Err(given.wrong(OPTION, "is a number of milliseconds; give 0 for none")),
        _ => milliseconds(given, OPTION),
    }
}
