//! A change of a project that is made as a whole or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::copy;
use crate::project::FOLDER;

/// A change in progress. Dropping it without [`keep`](Self::keep) restores the project.
pub(crate) struct Change {
    copies: PathBuf,
    /// Holds the new copies until they are installed, and the old ones from then on.
    temporary: TempDir,
    /// The configuration and the lock file, with what they contained; `None` for no file.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    are_copies_new: bool,
    is_kept: bool,
}

impl Change {
    /// Saves what the change may overwrite.
    pub(crate) fn begin(root: &Path, config: &Path) -> Result<Self> {
        let temporary = tempfile::Builder::new()
            .prefix(".mio_wasi.new")
            .tempdir_in(root)
            .with_context(|| format!("{} can't be written to", root.display()))?;
        let mut files = Vec::new();
        for path in [config.to_owned(), root.join("Cargo.lock")] {
            let content = match fs::read(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                result => Some(result.with_context(|| format!("{}", path.display()))?),
            };
            files.push((path, content));
        }
        Ok(Self {
            copies: root.join(FOLDER),
            temporary,
            files,
            are_copies_new: false,
            is_kept: false,
        })
    }

    /// The folder to make the copies in.
    pub(crate) fn new_copies(&self) -> PathBuf {
        self.temporary.path().join("new")
    }

    /// Puts the new copies in the place of the old ones.
    pub(crate) fn install(&mut self) -> Result<()> {
        let failure = || format!("{} can't be replaced", self.copies.display());
        if self.copies.exists() {
            copy::keep_times(&self.new_copies(), &self.copies).with_context(failure)?;
            fs::rename(&self.copies, self.old_copies()).with_context(failure)?;
        }
        // From here on the old copies are not in their place.
        self.are_copies_new = true;
        fs::rename(self.new_copies(), &self.copies).with_context(failure)
    }

    /// Ends the change without restoring anything.
    pub(crate) fn keep(mut self) {
        self.is_kept = true;
    }

    fn old_copies(&self) -> PathBuf {
        self.temporary.path().join("old")
    }

    /// Restores the copies and the files.
    fn restore(&self) -> io::Result<()> {
        if self.are_copies_new {
            if self.copies.exists() {
                fs::remove_dir_all(&self.copies)?;
            }
            if self.old_copies().exists() {
                fs::rename(self.old_copies(), &self.copies)?;
            }
        }
        for (path, content) in &self.files {
            match content {
                Some(content) => fs::write(path, content)?,
                None if path.exists() => fs::remove_file(path)?,
                None => {}
            }
        }
        Ok(())
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if let Err(error) = self.restore() {
            eprintln!("error: the project could not be restored: {error}");
        }
    }
}
