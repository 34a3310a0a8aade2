//! The user's project: what it resolves to, and the copies in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, ensure, Context, Result};
use cargo_metadata::{CargoOpt, MetadataCommand, Package};

use crate::recipes::{Recipe, RECIPES};
use crate::{config, copy};

/// The folder of the copies, in the project.
const FOLDER: &str = ".mio_wasi";

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

/// A project.
pub(crate) struct Project {
    /// Its folder.
    root: PathBuf,
    patches: Vec<Patch>,
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
        let manifest = folder.join("Cargo.toml");
        ensure!(
            manifest.exists(),
            "{} is no cargo project: it has no Cargo.toml",
            folder.display()
        );
        let metadata = MetadataCommand::new()
            .manifest_path(&manifest)
            .current_dir(folder)
            .features(CargoOpt::AllFeatures)
            .exec()
            .context("`cargo metadata` failed")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let copies = root.join(FOLDER);
        let mut patches = Vec::new();
        for recipe in RECIPES {
            if without.iter().any(|name| name == recipe.package) {
                continue;
            }
            let named = metadata
                .packages
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
                let (source, is_copy) = source_of(package, &copies)?;
                patches.push(Patch {
                    recipe,
                    name: format!("{}-{}", package.name, package.version),
                    source,
                    is_copy,
                });
            }
        }
        ensure!(
            patches.iter().any(|patch| patch.recipe.package == "tokio"),
            "{} doesn't use tokio: there is nothing to prepare",
            root.display()
        );
        Ok(Self { root, patches })
    }

    /// Makes the copies, and names them in the configuration.
    pub(crate) fn prepare(&self) -> Result<()> {
        let copies = self.root.join(FOLDER);
        let here = repository()?;
        let new = tempfile::Builder::new()
            .prefix(".mio_wasi.new")
            .tempdir_in(&self.root)
            .with_context(|| format!("{} can't be written to", self.root.display()))?;
        for patch in &self.patches {
            let target = new.path().join(&patch.name);
            copy::package(
                patch.recipe,
                &patch.source,
                &target,
                &here.join("ports/libc"),
            )?;
        }
        if copies.exists() {
            fs::remove_dir_all(&copies).with_context(|| format!("{}", copies.display()))?;
        }
        fs::rename(new.keep(), &copies).with_context(|| format!("{}", copies.display()))?;
        config::write(&self.config(), Some(&self.tables(&here)))?;
        for patch in &self.patches {
            println!(
                "{}: {} edits, in {FOLDER}/{}",
                patch.name,
                patch.recipe.edits.len(),
                patch.name
            );
        }
        // A patch of a higher version than the locked one has to be asked for.
        let updated = Command::new("cargo")
            .args(["update", "--quiet", "--package", "mio"])
            .current_dir(&self.root)
            .status()
            .context("cargo can't be run")?;
        ensure!(
            updated.success(),
            "`cargo update --package mio` failed: run it again"
        );
        println!("named in .cargo/config.toml, mio in Cargo.lock; next: cargo build --target wasm32-wasip1");
        Ok(())
    }

    /// Do the copies fit what the project resolves to?
    pub(crate) fn check(&self) -> Result<bool> {
        let mut fits = true;
        for patch in &self.patches {
            if !patch.is_copy {
                println!(
                    "{} is not the copy in {FOLDER}: run `cargo mio-wasi` again",
                    patch.name
                );
                fits = false;
            }
        }
        Ok(fits)
    }

    /// The configuration that is written.
    fn config(&self) -> PathBuf {
        self.root.join(".cargo/config.toml")
    }

    /// The tables of patches.
    fn tables(&self, here: &Path) -> String {
        let mut tables = String::from("[patch.crates-io]\n");
        let mio = here.join("patch/mio-1");
        tables += &format!("mio = {{ path = {:?} }}\n", mio.display().to_string());
        for patch in &self.patches {
            let name = patch.recipe.package;
            let path = self.root.join(FOLDER).join(&patch.name);
            // Several versions of a package need several keys.
            let key = patch.name.replace('.', "-");
            tables += &format!(
                "{key} = {{ package = {name:?}, path = {:?} }}\n",
                path.display().to_string()
            );
        }
        tables
    }
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
    let folder = folder
        .canonicalize()
        .with_context(|| format!("{}", folder.display()))?;
    let root = folder
        .ancestors()
        .find(|each| each.join(FOLDER).exists())
        .unwrap_or(&folder);
    config::write(&root.join(".cargo/config.toml"), None)?;
    let copies = root.join(FOLDER);
    if copies.exists() {
        fs::remove_dir_all(&copies).with_context(|| format!("{}", copies.display()))?;
    }
    println!("removed; `cargo update -p mio` takes mio from the registry again");
    Ok(())
}
