//! Puts everything that browsers load under its address: the client, Python and its packages, and each study's own files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{BasePath, ServiceError};
use crate::actors::Site;
use crate::experiment::{Experiment, GymScene, Mode};
use crate::gateway::{Assets, PageTemplate, Places, documents};
use crate::wire::EngineNeeds;

/// What browsers load, and what has to be known of it.
pub(super) struct Furniture {
    /// The files, by address.
    pub assets: Assets,
    /// The page that loads them.
    pub page: PageTemplate,
    /// Where its parts are.
    pub places: Places,
    /// What participants are told of them.
    pub site: Site,
}

/// Reads and compresses all of it: what takes long.
pub(super) fn furnish(
    experiment: &Experiment,
    base: &BasePath,
    folder: &Path,
    wheels: &[PathBuf],
) -> Result<Furniture, ServiceError> {
    for needed in ["client/main.js", "python/greenroom/engine.py", "vendor/pyodide/pyodide.mjs"] {
        let path = folder.join(needed);
        if !path.is_file() {
            return Err(ServiceError::Missing(path));
        }
    }
    let mut furnishing = Furnishing { assets: Assets::default(), site: Site::default(), base };
    let places = furnishing.shared(folder, experiment)?;
    let wheels = furnishing.wheels(wheels)?;
    for gym in experiment.stager.gyms() {
        furnishing.game(gym)?;
    }
    furnishing.documents(experiment, &folder.join("client/embed"))?;
    let Furnishing { mut assets, mut site, .. } = furnishing;
    let in_browser = experiment.stager.gyms().any(|gym| gym.mode.in_browser());
    site.engine = in_browser.then_some(EngineNeeds { wheels });
    for directory in &experiment.static_directories {
        assets.add_folder(&format!("{}/", directory.address), &directory.directory)?;
    }
    let page = PageTemplate::read(&folder.join("client/page.html"), places.clone(), experiment)?;
    Ok(Furniture { assets, page, places, site })
}

struct Furnishing<'a> {
    assets: Assets,
    site: Site,
    base: &'a BasePath,
}

impl Furnishing<'_> {
    fn below(&self, path: String) -> String {
        format!("{}{path}", self.base.as_str())
    }

    /// What is the same for all studies, but for the Python that environments of another system need.
    fn shared(&mut self, folder: &Path, experiment: &Experiment) -> Result<Places, ServiceError> {
        let client = self.assets.add_immutable("client", &folder.join("client"))?;
        let vendor = self.assets.add_immutable("vendor", &folder.join("vendor"))?;
        let python =
            self.assets.add_made("python", "greenroom.tar", python_archive(&folder.join("python"), experiment)?);
        Ok(Places {
            base: self.base.as_str().to_owned(),
            client: self.below(client),
            vendor: self.below(vendor),
            python: self.below(python),
        })
    }

    /// The packages that environments need in the browser: their addresses.
    fn wheels(&mut self, wheels: &[PathBuf]) -> Result<Vec<String>, ServiceError> {
        let add = |wheel: &PathBuf| self.file("wheel", wheel);
        wheels.iter().map(add).collect()
    }

    /// A scene's pictures, and the networks that play in the browser; those of other scenes stay on the service.
    fn game(&mut self, gym: &GymScene) -> Result<(), ServiceError> {
        if let Some(pictures) = &gym.assets_dir {
            let files = self.assets.add_immutable("scene", pictures)?;
            self.site.files.insert(gym.scene_id.clone(), self.below(files));
        }
        let mut models = BTreeMap::new();
        for (agent, policy) in gym.policies.iter().filter(|_| gym.mode == Mode::Browser) {
            if let Some(model) = policy.model() {
                models.insert(agent.clone(), self.file("model", &model.path)?);
            }
        }
        self.site.models.insert(gym.scene_id.clone(), models);
        Ok(())
    }

    /// Documents of the researcher's own, with the library for them.
    fn documents(&mut self, experiment: &Experiment, own: &Path) -> Result<(), ServiceError> {
        for scene in experiment.stager.documents() {
            let files = documents::files(scene, own)?;
            let early = documents::preloaded(scene, &files);
            let prefix = self.assets.add_document(documents::PREFIX, files)?;
            let prefix = self.below(prefix);
            self.site.preload.extend(early.iter().map(|name| format!("{prefix}{}", Site::address(name))));
            self.site.documents.insert(scene.scene_id.clone(), prefix);
        }
        let library = own.join(documents::LIBRARY);
        if library.is_file() {
            // For whoever wants an address that does not change.
            self.assets.add_file(&format!("assets/{}", documents::LIBRARY), read(&library)?);
        }
        Ok(())
    }

    /// Adds one file under its own name; gives its address.
    fn file(&mut self, kind: &str, path: &Path) -> Result<String, ServiceError> {
        let path = self.assets.add_made(kind, &name_of(path), read(path)?);
        Ok(self.below(path))
    }
}

/// The shared Python package as a tar archive, the same bytes for the same sources. With what environments of another system
/// import, if there is one that does.
fn python_archive(packages: &Path, experiment: &Experiment) -> Result<Vec<u8>, ServiceError> {
    let mut folders = vec!["greenroom"];
    if experiment.stager.gyms().any(|gym| gym.runtime.code.contains("greenroom_compat")) {
        folders.extend(["compat/greenroom_compat", "compat/interactive_gym", "compat/mug"]);
    }
    let mut archive = tar::Builder::new(Vec::new());
    for folder in folders {
        add_sources(&mut archive, &packages.join(folder), folder)?;
    }
    archive.into_inner().map_err(unread(packages))
}

/// Adds the Python files of a folder under its name.
fn add_sources(archive: &mut tar::Builder<Vec<u8>>, package: &Path, folder: &str) -> Result<(), ServiceError> {
    let mut sources: Vec<PathBuf> = std::fs::read_dir(package)
        .map_err(unread(package))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .filter(|path| !path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("doctor")))
        .collect();
    sources.sort();
    for path in sources {
        let source = read(&path)?;
        let mut header = tar::Header::new_ustar();
        header.set_size(source.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        let name = format!("{folder}/{}", name_of(&path));
        archive.append_data(&mut header, name, &source[..]).map_err(unread(&path))?;
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<Vec<u8>, ServiceError> {
    std::fs::read(path).map_err(unread(path))
}

fn unread(path: &Path) -> impl FnOnce(std::io::Error) -> ServiceError {
    let path = path.to_owned();
    move |cause| ServiceError::Read { path, cause }
}
