//! Copies of packages out of the registry.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::recipes::Recipe;

/// The file in a copy that names the folder it was made of.
const SOURCE: &str = ".mio_wasi_source";

/// The folder that a copy was made of.
pub(crate) fn source(copy: &Path) -> Result<PathBuf> {
    let path = copy.join(SOURCE);
    let text =
        fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    Ok(PathBuf::from(text))
}

/// The placeholder of the libc's path in an edit.
const LIBC_PLACEHOLDER: &str = "@MIO_WASI_LIBC@";

/// Copies a package's folder and edits the copy.
pub(crate) fn package(recipe: &Recipe, from: &Path, to: &Path, libc: &Path) -> Result<()> {
    folder(from, to).with_context(|| format!("{} can't be copied", from.display()))?;
    for edit in recipe.edits {
        edit.apply(to).with_context(|| {
            format!(
                "{} can't be edited as planned (`--without {}` leaves it as it is)",
                recipe.package, recipe.package
            )
        })?;
    }
    // Cargo shows the warnings of packages that don't come from the registry.
    let root = to.join("src/lib.rs");
    let text = fs::read_to_string(&root)?;
    fs::write(root, format!("#![allow(warnings)]\n{text}"))?;
    let manifest = to.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(
        manifest,
        text.replace(LIBC_PLACEHOLDER, &libc.display().to_string()),
    )?;
    fs::write(to.join(SOURCE), from.display().to_string())?;
    Ok(())
}

/// Gives each file that an older copy has with the same content the time of that one, so that
/// cargo does not build the package again.
pub(crate) fn keep_times(new: &Path, old: &Path) -> io::Result<()> {
    for entry in fs::read_dir(new)? {
        let entry = entry?;
        let (new, old) = (entry.path(), old.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            if old.is_dir() {
                keep_times(&new, &old)?;
            }
        } else if old.is_file() && fs::read(&new)? == fs::read(&old)? {
            let modified = fs::metadata(&old)?.modified()?;
            File::options()
                .write(true)
                .open(&new)?
                .set_modified(modified)?;
        }
    }
    Ok(())
}

/// Copies a folder.
fn folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            folder(&source, &target)?;
        } else if entry.file_name() != ".cargo-ok" {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
