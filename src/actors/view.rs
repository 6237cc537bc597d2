//! A scene as its participant sees it.

use std::collections::BTreeMap;

use rmpv::Value;
use serde::Serialize;
use serde_bytes::ByteBuf;

use super::services::Services;
use crate::experiment::{ActionPopulation, EndScene, GymScene, Policy, Scene};
use crate::ids::SubjectId;
use crate::rules::session::Session;
use crate::wire::{EndView, EnvironmentView, GymView, InputView, Page, SceneShown, SceneView, TroubleView};

/// What to show a participant; `None` before its first scene.
pub fn shown(session: &Session, services: &Services) -> Option<SceneShown> {
    let view = session.view();
    let id = view.scene?;
    let scene = match services.experiment.stager.scene(&id) {
        Some(_) if view.trouble => SceneView::Trouble(TroubleView { page: trouble(), code: None }),
        Some(Scene::Start(start)) => SceneView::Page(start.page.clone()),
        Some(Scene::Gym(gym)) => {
            let files = services.site.files.get(&id).cloned();
            SceneView::Gym(Box::new(gym_view(gym, view.game.is_some(), files)))
        }
        Some(Scene::End(end)) => SceneView::End(end_view(end, session.subject())),
        // The module was changed under a running study.
        None => SceneView::Trouble(TroubleView { page: trouble(), code: None }),
    };
    Some(SceneShown { visit: view.visit, scene: id, progress: [view.visit, session.length()], view: scene })
}

fn trouble() -> Page {
    Page {
        header: "This part did not work".into(),
        subheader: String::new(),
        body:
            "<p>Something went wrong on our side with this part of the study. It is not your fault, and what you did \
               so far is saved. Please go on with the next part.</p>"
                .into(),
    }
}

fn end_view(end: &EndScene, subject: &SubjectId) -> EndView {
    let redirect = end.redirect.as_ref().map(|redirect| match redirect.append_subject_id {
        true => format!("{}{subject}", redirect.url),
        false => redirect.url.clone(),
    });
    EndView { page: end.page.clone(), redirect, codes: Vec::new() }
}

fn gym_view(gym: &GymScene, begun: bool, files: Option<String>) -> GymView {
    let (rendering, gameplay) = (&gym.rendering, &gym.gameplay);
    GymView {
        page: gym.page.clone(),
        in_game_body: gym.in_game_body.clone(),
        begun,
        width: rendering.game_width,
        height: rendering.game_height,
        background: rendering.background.clone(),
        fps: rendering.fps,
        episodes: gameplay.num_episodes,
        max_steps: gameplay.max_steps,
        freeze_seconds: gameplay.reset_freeze_s,
        input: InputView {
            mode: gameplay.input_mode,
            bindings: gameplay.action_mapping.iter().map(|(keys, _)| keys.keys().to_vec()).collect(),
            agent: gym.human_agent().unwrap_or_default().to_owned(),
        },
        environment: EnvironmentView {
            code: gym.runtime.code.clone(),
            filename: gym.runtime.filename.clone(),
            settings: ByteBuf::from(settings(gym)),
            policies: gym.policies.clone(),
        },
        files,
        group: None,
    }
}

/// Settings for the environment's side; `docs/protocol.md` describes them.
#[derive(Serialize)]
struct Settings<'a> {
    actions: Vec<&'a Value>,
    default_action: Option<usize>,
    fallback: ActionPopulation,
    policies: &'a BTreeMap<String, Policy>,
    max_steps: u32,
    record_observations: bool,
    step_code: Option<&'a str>,
}

fn settings(gym: &GymScene) -> Vec<u8> {
    let gameplay = &gym.gameplay;
    let mut actions: Vec<&Value> = gameplay.action_mapping.iter().map(|(_, action)| action).collect();
    let default_action = gameplay.default_action.as_ref().map(|default| {
        actions.iter().position(|action| *action == default).unwrap_or_else(|| {
            actions.push(default);
            actions.len() - 1
        })
    });
    let settings = Settings {
        actions,
        default_action,
        fallback: gameplay.action_population_method,
        policies: &gym.policies,
        max_steps: gameplay.max_steps,
        record_observations: gym.record_observations,
        step_code: gym.runtime.on_game_step_code.as_deref(),
    };
    crate::wire::encode(&settings).to_vec()
}
