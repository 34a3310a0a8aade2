//! The user's project: what it resolves to, and the copies in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, ensure, Context, Result};
use cargo_metadata::{CargoOpt, MetadataCommand, Package};
use semver::{Version, VersionReq};

use crate::change::Change;
use crate::recipes::{Recipe, RECIPES};
use crate::{config, copy};

/// The folder of the copies, in the project.
pub(crate) const FOLDER: &str = ".mio_wasi";

/// The versions of mio that this repository takes the place of, and the folders of its packages.
const MIO: [(&str, &str); 2] = [("^0.8", "patch/mio"), ("^1", "patch/mio-1")];

/// A package to be copied.
struct Patch {
    recipe: &'static Recipe,
    /// `NAME-VERSION`, the folder of the copy.
    name: String,
    /// The package in the registry.
    source: PathBuf,
    /// Does the project use the copy already?
    is_copy: bool,
}

/// A version of mio that the project uses.
struct Mio {
    version: Version,
    /// The package of this repository that takes its place.
    folder: PathBuf,
    /// Does the project use that package already?
    is_replaced: bool,
}

/// A project.
pub(crate) struct Project {
    /// Its folder.
    root: PathBuf,
    patches: Vec<Patch>,
    mio: Vec<Mio>,
}

impl Project {
    /// Reads what a project resolves to.
    pub(crate) fn read(folder: &Path, without: &[String]) -> Result<Self> {
        for name in without {
            ensure!(
                RECIPES.iter().any(|recipe| recipe.package == name),
                "--without {name}: there is no recipe of this name"
            );
        }
        let root = workspace_root(folder)?;
        ensure!(
            root.join(FOLDER).exists() || !config::has_part(&config_of(&root)),
            "{FOLDER} is gone, which .cargo/config.toml names: run with --remove, and then again"
        );
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .current_dir(&root)
            .features(CargoOpt::AllFeatures)
            .exec()
            .context("`cargo metadata` failed")?;
        let project = Self {
            patches: patches(&metadata.packages, &root.join(FOLDER), without)?,
            mio: mio(&metadata.packages)?,
            root,
        };
        ensure!(
            metadata
                .packages
                .iter()
                .any(|package| package.name == "tokio"),
            "{} doesn't use tokio: there is nothing to prepare",
            project.root.display()
        );
        Ok(project)
    }

    /// Makes the copies, and names them in the configuration. On an error the project is as it
    /// was before.
    pub(crate) fn prepare(&self, without: &[String]) -> Result<()> {
        let here = repository()?;
        let config = config_of(&self.root);
        let mut change = Change::begin(&self.root, &config)?;
        // Made also when there is nothing to copy.
        let new = change.new_copies();
        fs::create_dir(&new).with_context(|| format!("{}", new.display()))?;
        for patch in &self.patches {
            let target = new.join(&patch.name);
            copy::package(
                patch.recipe,
                &patch.source,
                &target,
                &here.join("ports/libc"),
            )?;
        }
        change.install()?;
        config::write(&config, Some(&self.tables()))?;
        self.replace_mio()?;
        // Cargo leaves a patch unused, with a warning only, when it doesn't fit.
        let result = Self::read(&self.root, without)?;
        let misfits = result.misfits();
        ensure!(
            misfits.is_empty(),
            "cargo doesn't use what was prepared: {}",
            misfits.join(", ")
        );
        change.keep();
        for patch in &self.patches {
            println!(
                "{}: {} edits, in {FOLDER}/{}",
                patch.name,
                patch.recipe.edits.len(),
                patch.name
            );
        }
        println!("named in .cargo/config.toml, mio in Cargo.lock; next: cargo build --target wasm32-wasip1");
        Ok(())
    }

    /// Do the copies fit what the project resolves to?
    pub(crate) fn check(&self) -> bool {
        let misfits = self.misfits();
        for misfit in &misfits {
            println!("{misfit}: run `cargo mio-wasi` again");
        }
        if misfits.is_empty() {
            println!("the copies in {FOLDER} fit Cargo.lock");
        }
        misfits.is_empty()
    }

    /// What the project uses in place of what is prepared.
    fn misfits(&self) -> Vec<String> {
        let patches = self.patches.iter().filter(|patch| !patch.is_copy);
        let copies = patches.map(|patch| format!("{} is not the copy in {FOLDER}", patch.name));
        let mio = self.mio.iter().filter(|mio| !mio.is_replaced);
        let packages = mio.map(|mio| {
            format!(
                "mio {} is not the package in {}",
                mio.version,
                mio.folder.display()
            )
        });
        copies.chain(packages).collect()
    }

    /// The tables of patches.
    fn tables(&self) -> String {
        let mut tables = String::from("[patch.crates-io]\n");
        let mut add = |name: &str, version: &str, path: &Path| {
            // Several versions of a package need several keys.
            let key = format!("{name}-{version}").replace(['.', '+'], "-");
            tables += &format!(
                "{key} = {{ package = {name:?}, path = {:?} }}\n",
                path.display().to_string()
            );
        };
        for (versions, folder) in MIO {
            if let Some(mio) = self.mio.iter().find(|mio| mio.folder.ends_with(folder)) {
                add("mio", versions.trim_start_matches('^'), &mio.folder);
            }
        }
        for patch in &self.patches {
            let name = patch.recipe.package;
            let version = patch.name.trim_start_matches(name).trim_start_matches('-');
            add(name, version, &self.root.join(FOLDER).join(&patch.name));
        }
        tables
    }

    /// Puts this repository's mio into the lock file: a patch of a higher version than the
    /// locked one is not used by itself.
    fn replace_mio(&self) -> Result<()> {
        for mio in self.mio.iter().filter(|mio| !mio.is_replaced) {
            let package = format!("mio@{}", mio.version);
            let update = |options: &[&str]| {
                Command::new("cargo")
                    .args(["update", "--quiet", "--package", &package])
                    .args(options)
                    .current_dir(&self.root)
                    .output()
                    .context("cargo can't be run")
            };
            // Without the network when all that it needs is on this machine.
            if update(&["--offline"])?.status.success() {
                continue;
            }
            let output = update(&[])?;
            ensure!(
                output.status.success(),
                "`cargo update --package {package}` failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }
}

/// The packages to be copied, of those that a project resolves to.
fn patches(packages: &[Package], copies: &Path, without: &[String]) -> Result<Vec<Patch>> {
    let mut patches = Vec::new();
    for recipe in RECIPES {
        if without.iter().any(|name| name == recipe.package) {
            continue;
        }
        let named = packages
            .iter()
            .filter(|package| package.name == recipe.package);
        let (fitting, others): (Vec<_>, Vec<_>) =
            named.partition(|package| recipe.fits(&package.version));
        if let (Some(other), false) = (others.first(), recipe.is_optional) {
            bail!(
                "{} {}: this {}",
                other.name,
                other.version,
                recipe.otherwise
            );
        }
        for package in fitting {
            let (source, is_copy) = source_of(package, copies)?;
            patches.push(Patch {
                recipe,
                name: format!("{}-{}", package.name, package.version),
                source,
                is_copy,
            });
        }
    }
    Ok(patches)
}

/// The versions of mio that a project resolves to, and that this repository has a package for.
fn mio(packages: &[Package]) -> Result<Vec<Mio>> {
    let here = repository()?;
    let mut found = Vec::new();
    for package in packages.iter().filter(|package| package.name == "mio") {
        for (versions, folder) in MIO {
            if VersionReq::parse(versions)?.matches(&package.version) {
                let folder = here.join(folder);
                let is_replaced = package.manifest_path.as_std_path().starts_with(&folder);
                found.push(Mio {
                    version: package.version.clone(),
                    folder,
                    is_replaced,
                });
            }
        }
    }
    Ok(found)
}

/// The configuration that is written.
fn config_of(root: &Path) -> PathBuf {
    root.join(".cargo/config.toml")
}

/// The folder of the workspace that a folder's package belongs to.
fn workspace_root(folder: &Path) -> Result<PathBuf> {
    let manifest = folder.join("Cargo.toml");
    ensure!(
        manifest.exists(),
        "{} is no cargo project: it has no Cargo.toml",
        folder.display()
    );
    let output = Command::new("cargo")
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .arg("--manifest-path")
        .arg(&manifest)
        .output()
        .context("cargo can't be run")?;
    ensure!(
        output.status.success(),
        "`cargo locate-project` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let path = PathBuf::from(String::from_utf8(output.stdout)?.trim_end());
    let root = path.parent().context("a manifest without a folder")?;
    Ok(root.to_owned())
}

/// Where a package's sources are in the registry, and whether the project uses a copy of
/// them already.
fn source_of(package: &Package, copies: &Path) -> Result<(PathBuf, bool)> {
    let folder = package
        .manifest_path
        .parent()
        .context("a manifest without a folder")?;
    let folder = folder.as_std_path();
    if folder.starts_with(copies) {
        let source = copy::source(folder)?;
        ensure!(
            source.exists(),
            "{} is no longer in the registry's folder: run with --remove first, and `cargo fetch`",
            source.display()
        );
        return Ok((source, true));
    }
    ensure!(
        package
            .source
            .as_ref()
            .is_some_and(|source| source.is_crates_io()),
        "{} {} does not come from crates.io, and can't be patched",
        package.name,
        package.version
    );
    Ok((folder.to_owned(), false))
}

/// This repository, whose packages the tables name.
fn repository() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let here = here.context("no folder")?.to_owned();
    ensure!(
        here.join("patch/mio-1/Cargo.toml").exists(),
        "{} is gone, which this program was built from",
        here.display()
    );
    Ok(here)
}

/// Takes the copies and the tables away.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    let root = workspace_root(folder)?;
    config::write(&config_of(&root), None)?;
    let copies = root.join(FOLDER);
    if copies.exists() {
        fs::remove_dir_all(&copies).with_context(|| format!("{}", copies.display()))?;
    }
    println!("removed; `cargo update -p mio` takes mio from the registry again");
    Ok(())
}
