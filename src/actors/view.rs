//! A scene as its participant sees it.

use std::collections::BTreeMap;

use serde_bytes::ByteBuf;

use super::services::Services;
use super::settings;
use crate::experiment::{EndScene, GymScene, KeyCombination, Mode, Scene};
use crate::rules::session::Session;
use crate::wire::{
    Dismissal, EndView, EnvironmentView, GroupView, GymView, InputView, IssuedCode, ModelView, Page, SceneShown,
    SceneView, TroubleView,
};

/// What to show a participant, who may be waiting for others; `None` before its first scene.
pub fn shown(session: &Session, waiting: bool, services: &Services) -> Option<SceneShown> {
    let view = session.view();
    let id = view.scene?;
    let scene = services.experiment.stager.scene(&id);
    let scene = match (scene, view.dismissal) {
        (scene, Some(IssuedCode { reason, code })) => {
            SceneView::Trouble(TroubleView { page: dismissed(reason, scene), code: Some(code) })
        }
        (Some(_), None) if view.trouble => SceneView::Trouble(TroubleView { page: trouble(), code: None }),
        (Some(Scene::Start(start)), None) => SceneView::Page(start.page.clone()),
        (Some(Scene::Form(scene)), None) => {
            SceneView::Form(Box::new(session.questionnaire().view(&scene.form, scene.page.clone())))
        }
        (Some(Scene::Gym(gym)), None) => {
            SceneView::Gym(Box::new(gym_view(gym, view.game.is_some() || waiting, services)))
        }
        (Some(Scene::End(end)), None) => SceneView::End(end_view(end, session)),
        // The module was changed under a running study.
        (None, None) => SceneView::Trouble(TroubleView { page: trouble(), code: None }),
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

/// What somebody reads whose scene ended in another way than planned. The researcher's words come before ours.
fn dismissed(reason: Dismissal, scene: Option<&Scene>) -> Page {
    let gym = match scene {
        Some(Scene::Gym(gym)) => Some(gym),
        _ => None,
    };
    let people = gym.map_or(2, |gym| gym.human_agents().count());
    let ended = "The game has ended";
    let (header, body) = match (reason, people) {
        // Whoever plays alone has waited for nothing but room.
        (Dismissal::NoPartner, 1) => ("No game could start", "There was no room for another game in time."),
        (Dismissal::NoPartner, _) => ("Nobody to play with", "There was nobody to play this part with you."),
        (Dismissal::LeftWaiting, 1) => ("You are no longer waiting", "Your wait for the game has ended."),
        (Dismissal::LeftWaiting, 2) => ("You are no longer waiting", "Your wait for another player has ended."),
        (Dismissal::LeftWaiting, _) => ("You are no longer waiting", "Your wait for other players has ended."),
        (Dismissal::PartnerLost, 2) => (ended, "The other player has left, so the game cannot go on."),
        (Dismissal::PartnerLost, _) => (ended, "Another player has left, so the game cannot go on."),
        (Dismissal::Absent, _) => (ended, "The connection to you was gone for a while, so the game has ended."),
        (Dismissal::FailedCheck, _) => {
            ("Thank you", "Some of your answers were not the right ones, so the study ends here.")
        }
        (Dismissal::ScreenedOut, _) => ("Thank you for your interest", "You cannot take part in this study."),
        (Dismissal::Excluded, _) => ("The study ends here", "You cannot go on with this part of the study."),
        (Dismissal::StudyFull, _) => ("Thank you for your interest", "Enough people have taken part already."),
        (Dismissal::Complete | Dismissal::Desync | Dismissal::Failed, _) => {
            (ended, "Something went wrong on our side, so the game cannot go on.")
        }
    };
    let own = gym.and_then(|gym| gym.group.as_ref()).and_then(|group| match reason {
        Dismissal::NoPartner => group.waiting_room.timeout_message.clone(),
        Dismissal::PartnerLost => group.multiplayer.partner_disconnect_message.clone(),
        _ => None,
    });
    let body =
        own.unwrap_or_else(|| format!("<p>{body} What you did so far is saved. You can go on with the study.</p>"));
    Page { header: header.into(), subheader: String::new(), body }
}

fn end_view(end: &EndScene, session: &Session) -> EndView {
    let subject = session.subject();
    let redirect = end.redirect.as_ref().map(|redirect| match redirect.append_subject_id {
        true => format!("{}{subject}", redirect.url),
        false => redirect.url.clone(),
    });
    EndView { page: end.page.clone(), redirect, codes: session.codes().to_vec() }
}

fn gym_view(gym: &GymScene, begun: bool, services: &Services) -> GymView {
    let site = &services.site;
    let (files, addresses) = (site.files.get(&gym.scene_id).cloned(), site.models.get(&gym.scene_id));
    let (rendering, gameplay) = (&gym.rendering, &gym.gameplay);
    GymView {
        page: gym.page.clone(),
        in_game_body: gym.in_game_body.clone(),
        mode: gym.mode,
        begun,
        width: rendering.game_width,
        height: rendering.game_height,
        background: rendering.background.clone(),
        background_image: rendering.background_image.clone(),
        preload: rendering.preload.clone(),
        fps: rendering.fps,
        episodes: gameplay.num_episodes,
        max_steps: gameplay.max_steps,
        freeze_seconds: gameplay.reset_freeze_s,
        input: input(gym),
        environment: gym.mode.in_browser().then(|| EnvironmentView {
            code: gym.runtime.code.clone(),
            filename: gym.runtime.filename.clone(),
            settings: ByteBuf::from(settings::for_browser(gym)),
            models: models(gym, addresses),
        }),
        files,
        group: gym.group.as_ref().map(|group| GroupView {
            agents: gym.seats().map(str::to_owned).collect(),
            people: u32::try_from(gym.human_agents().count()).unwrap_or(u32::MAX),
            max_prediction: group.multiplayer.max_prediction,
            smoothing_ms: u32::try_from(group.multiplayer.smoothing.as_millis()).unwrap_or(u32::MAX),
            hide_lobby_count: group.waiting_room.hide_lobby_count,
        }),
    }
}

fn input(gym: &GymScene) -> InputView {
    let gameplay = &gym.gameplay;
    let mapping = &gameplay.action_mapping;
    let alike = |action: &rmpv::Value| mapping.iter().position(|(_, other)| other == action).unwrap_or_default();
    let label = |keys: &KeyCombination| {
        gameplay.key_labels.iter().find(|(other, _)| other == keys).map(|(_, label)| label.clone()).unwrap_or_default()
    };
    InputView {
        mode: gameplay.input_mode,
        bindings: mapping.iter().map(|(keys, _)| keys.keys().to_vec()).collect(),
        alike: mapping.iter().map(|(_, action)| u32::try_from(alike(action)).unwrap_or_default()).collect(),
        labels: mapping.iter().map(|(keys, _)| label(keys)).collect(),
        on_screen: gameplay.on_screen_controls,
        pointer: gameplay.pointer,
        agent: gym.human_agent().unwrap_or_default().to_owned(),
    }
}

/// The networks that play in the browser: those of a game that is played by one person there.
fn models(gym: &GymScene, addresses: Option<&BTreeMap<String, String>>) -> BTreeMap<String, ModelView> {
    let here = gym.policies.iter().filter(|_| gym.mode == Mode::Browser);
    here.filter_map(|(agent, policy)| {
        let (model, url) = (policy.model()?, addresses?.get(agent)?);
        let view = ModelView {
            url: url.clone(),
            obs_input: model.obs_input.clone(),
            logit_output: model.logit_output.clone(),
            state_inputs: model.state_inputs.clone(),
            state_outputs: model.state_outputs.clone(),
            state_shape: model.state_shape.clone(),
            fixed_inputs: model.fixed_inputs.clone(),
            frame_skip: model.frame_skip,
            choice: model.choice,
        };
        Some((agent.clone(), view))
    })
    .collect()
}
