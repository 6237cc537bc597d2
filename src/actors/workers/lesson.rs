//! What workers have to know of a scene.

use std::collections::BTreeMap;
use std::path::Path;

use serde_bytes::ByteBuf;

use crate::actors::settings;
use crate::experiment::{Globals, GymScene, Mode};
use crate::wire::Learn;

/// What they have to know of this one, whose module is in this folder.
pub(super) fn lesson(gym: &GymScene, globals: &Globals, folder: &Path) -> Result<Learn, String> {
    let mut models = BTreeMap::new();
    for (agent, policy) in &gym.policies {
        let Some(model) = policy.model() else { continue };
        let file = std::fs::read(&model.path);
        let file = file.map_err(|error| format!("the network {} cannot be read: {error}", model.path.display()))?;
        models.insert(agent.clone(), ByteBuf::from(file));
    }
    Ok(Learn {
        scene: gym.scene_id.clone(),
        code: gym.runtime.code.clone(),
        filename: gym.runtime.filename.clone(),
        folder: folder.to_string_lossy().into_owned(),
        settings: ByteBuf::from(settings::for_worker(gym, globals)),
        models,
        pictures: gym.mode == Mode::Streamed,
        frame_quality: gym.rendering.frame_quality,
        state_interval: gym.group.as_ref().map_or(30, |group| group.multiplayer.state_broadcast_interval),
    })
}
