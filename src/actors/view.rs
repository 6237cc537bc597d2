//! A scene as its participant sees it.

use std::collections::BTreeMap;

use serde_bytes::ByteBuf;
use serde_json::json;

use super::services::{Services, Site};
use super::settings;
use crate::experiment::{About, EmbeddedScene, EndScene, GymScene, KeyCombination, Language, Mode, Requirement, Scene};
use crate::rules::codes;
use crate::rules::session::Session;
use crate::wire::{
    BuildView, Dismissal, EmbedView, EndView, EnvironmentView, Finite, GroupView, GymView, InputView, IssuedCode,
    ModelView, Page, SceneShown, SceneView, TroubleView,
};

/// What to show a participant, who may be waiting for others; `None` before its first scene.
pub fn shown(session: &Session, waiting: bool, services: &Services) -> Option<SceneShown> {
    let view = session.view();
    let id = view.scene?;
    let scene = services.experiment.stager.scene(&id);
    let language = &services.experiment.language;
    let scene = match (scene, view.dismissal) {
        (scene, Some(IssuedCode { reason, code })) => SceneView::Trouble(TroubleView {
            page: dismissed(reason, scene, refused(session, scene, services), language),
            code: Some(code),
        }),
        (Some(_), None) if view.trouble => SceneView::Trouble(TroubleView { page: trouble(language), code: None }),
        (Some(Scene::Start(start)), None) => SceneView::Page(start.page.clone()),
        (Some(Scene::Form(scene)), None) => {
            SceneView::Form(Box::new(session.questionnaire().view(&scene.form, scene.page.clone())))
        }
        (Some(Scene::Embedded(scene)), None) => SceneView::Embedded(Box::new(embed_view(scene, session, services))),
        (Some(Scene::Gym(gym)), None) => {
            SceneView::Gym(Box::new(gym_view(gym, view.game.is_some() || waiting, services)))
        }
        (Some(Scene::End(end)), None) => SceneView::End(end_view(end, session, services)),
        // The module was changed under a running study.
        (None, None) => SceneView::Trouble(TroubleView { page: trouble(language), code: None }),
    };
    let watched = session.monitored(&services.experiment.stager).is_some();
    Some(SceneShown { visit: view.visit, scene: id, progress: [view.visit, session.length()], watched, view: scene })
}

fn trouble(language: &Language) -> Page {
    let body = format!("<p>{}</p>", language.say("page.failed.body", &[]));
    Page { header: language.say("page.failed.header", &[]), subheader: String::new(), body }
}

/// The group of the texts that tell why a scene ended.
fn texts_of(reason: Dismissal) -> &'static str {
    match reason {
        Dismissal::NoPartner => "no_partner",
        Dismissal::LeftWaiting => "left_waiting",
        Dismissal::PartnerLost => "partner_lost",
        Dismissal::Absent => "absent",
        Dismissal::FailedCheck => "failed_check",
        Dismissal::ScreenedOut => "screened_out",
        Dismissal::Excluded => "excluded",
        Dismissal::StudyFull => "study_full",
        Dismissal::Complete | Dismissal::Desync | Dismissal::Failed => "broken",
    }
}

/// What somebody reads whose scene ended in another way than planned. The researcher's words come before ours.
/// `refused` are the words for whoever was not let in or may not go on.
fn dismissed(reason: Dismissal, scene: Option<&Scene>, refused: Option<String>, language: &Language) -> Page {
    let gym = match scene {
        Some(Scene::Gym(gym)) => Some(gym),
        _ => None,
    };
    // Whoever plays alone has waited for nothing but room, and of two, it is the other who left.
    let variant = match gym.map_or(2, |gym| gym.human_agents().count()) {
        1 => "Alone",
        2 => "Two",
        _ => "",
    };
    let group = texts_of(reason);
    let told = |name: &str| {
        let own = language.find(&format!("page.{group}.{name}{variant}"));
        own.map_or_else(|| language.say(&format!("page.{group}.{name}"), &[]), str::to_owned)
    };
    let own = gym.and_then(|gym| gym.group.as_ref()).and_then(|group| match reason {
        Dismissal::NoPartner => group.waiting_room.timeout_message.clone(),
        Dismissal::PartnerLost => group.multiplayer.partner_disconnect_message.clone(),
        _ => None,
    });
    let own = own.or(refused);
    let onward = match reason {
        Dismissal::ScreenedOut | Dismissal::StudyFull => "page.thanks",
        Dismissal::Excluded | Dismissal::FailedCheck => "page.leave",
        _ => "page.goOn",
    };
    let body = own.unwrap_or_else(|| format!("<p>{} {}</p>", told("body"), language.say(onward, &[])));
    Page { header: told("header"), subheader: String::new(), body }
}

/// What somebody reads who was not let in, or may not go on: the words of the researcher's function, of the researcher,
/// or ours.
fn refused(session: &Session, scene: Option<&Scene>, services: &Services) -> Option<String> {
    let why = session.why()?;
    let screening = services.experiment.gates.screening.as_ref();
    let monitoring = match scene {
        Some(Scene::Gym(gym)) => gym.monitoring.as_ref(),
        _ => None,
    };
    let at_entrance = || screening?.messages.get(&why.requirement?).cloned();
    let in_game = || monitoring?.messages.get(&why.about?.notice(true)?).cloned();
    let own = why.message.clone().or_else(at_entrance).or_else(in_game);
    own.or_else(|| {
        let language = &services.experiment.language;
        let ours = match (why.requirement, why.about) {
            (Some(Requirement::Mobile), _) => "mobile",
            (Some(Requirement::Desktop), _) => "desktop",
            (Some(Requirement::Browser), _) => "browser",
            (Some(Requirement::Screen), _) => "screen",
            (Some(Requirement::Window), _) => "window",
            (Some(Requirement::Ping), _) => "ping",
            (_, Some(About::Ping)) => "game_ping",
            (_, Some(About::Tab)) => "game_tab",
            _ => return None,
        };
        let onward = if why.requirement.is_some() { "page.thanks" } else { "page.leave" };
        let ours = language.say(&format!("page.refused.{ours}"), &[]);
        Some(format!("<p>{ours} {}</p>", language.say(onward, &[])))
    })
}

fn end_view(end: &EndScene, session: &Session, services: &Services) -> EndView {
    let exit = codes::exit(end, &services.experiment.gates);
    let outcome = session.outcome(exit);
    let given = codes::given_at(end, &services.experiment.gates);
    let code = session.final_code(end).filter(|_| given).cloned();
    let word = code.as_ref().map(|issued| issued.code.as_str());
    let redirect = exit.and_then(|exit| codes::address(exit, outcome, word, session.subject(), session.memory()));
    let seconds = exit.and_then(|exit| exit.after_s).and_then(|seconds| Finite::try_from(seconds).ok());
    let after_s = seconds.filter(|_| redirect.is_some());
    // Who leaves for a panel with a code wants no others; but each was given for something.
    let codes = session.codes().iter().filter(|issued| Some(*issued) != code.as_ref()).cloned().collect();
    let bonuses = session.bonus_lines(&services.experiment.stager);
    EndView { page: end.page.clone(), redirect, after_s, code, codes, bonuses }
}

fn embed_view(scene: &EmbeddedScene, session: &Session, services: &Services) -> EmbedView {
    let folder = services.site.documents.get(&scene.scene_id).cloned().unwrap_or_default();
    let (memory, embedded, visit) = (session.memory(), session.embedded(), session.view().visit);
    let at = |path: &str| format!("{folder}{}", Site::address(path));
    EmbedView {
        page: scene.page.clone(),
        src: at(&scene.document),
        build: scene.build.as_ref().map(|build| BuildView {
            name: build.name.clone(),
            loader: at(&build.loader),
            data: at(&build.data),
            framework: at(&build.framework),
            wasm: at(&build.wasm),
            streaming: at("StreamingAssets"),
            receiver: build.receiver.clone().map(Into::into),
        }),
        width: scene.width,
        height: scene.height,
        settings: scene.settings.to_string(),
        parameters: memory.parameters().clone(),
        globals: json!(memory.globals()).to_string(),
        saved: json!(embedded.latest()).to_string(),
        told: embedded.told().cloned(),
        episodes: scene.episodes,
        button: scene.button,
        state: embedded.state(scene, visit),
    }
}

fn gym_view(gym: &GymScene, begun: bool, services: &Services) -> GymView {
    let site = &services.site;
    let (files, addresses) = (site.files.get(&gym.scene_id).cloned(), site.models.get(&gym.scene_id));
    let (rendering, gameplay) = (&gym.rendering, &gym.gameplay);
    GymView {
        page: gym.page.clone(),
        in_game_header: gym.in_game_header.clone(),
        in_game_body: gym.in_game_body.clone(),
        mode: gym.mode,
        begun,
        width: rendering.game_width,
        height: rendering.game_height,
        background: rendering.background.clone(),
        background_image: rendering.background_image.clone(),
        preload: rendering.preload.clone(),
        fps: rendering.fps,
        episodes: gameplay.episodes(),
        tutorial: gameplay.tutorial_episodes,
        ready_check: gameplay.episode_ready_check,
        max_steps: gameplay.max_steps,
        freeze_seconds: gameplay.reset_freeze_s,
        input: input(gym),
        environment: gym.mode.in_browser().then(|| EnvironmentView {
            code: gym.runtime.code.clone(),
            filename: gym.runtime.filename.clone(),
            settings: ByteBuf::from(settings::for_browser(gym, &services.experiment.globals)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_end_has_words() {
        let words = ["complete", "no_partner", "left_waiting", "partner_lost", "absent", "desync", "failed"];
        for word in words.into_iter().chain(["failed_check", "screened_out", "excluded", "study_full"]) {
            let reason: Dismissal = serde_json::from_value(word.into()).unwrap();
            let page = dismissed(reason, None, None, &Language::default());
            assert!(!page.header.contains("page.") && !page.body.contains("page."), "{word}: {page:?}");
        }
        let german = Language::new("de", None, None, BTreeMap::new()).unwrap();
        let page = dismissed(Dismissal::PartnerLost, None, None, &german);
        assert!(page.body.starts_with("<p>Die andere Person ist nicht mehr dabei, "), "of two, it is the other");
    }
}
