//! Edits of a source file: each names the text that it replaces, and how often that has to
//! stand there. An edit whose place isn't found fails, so that no half-edited copy is used.

use std::fs;
use std::path::Path;

use anyhow::{ensure, Context, Result};

/// One edit.
pub(crate) struct Edit {
    /// The file, below the folder of the package.
    pub(crate) file: &'static str,
    /// The text to be replaced.
    pub(crate) find: &'static str,
    /// What takes its place.
    pub(crate) replace: &'static str,
    /// How many times the text has to be there.
    pub(crate) count: usize,
}

impl Edit {
    /// Edits the file below `folder`.
    pub(crate) fn apply(&self, folder: &Path) -> Result<()> {
        let path = folder.join(self.file);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} can't be read", path.display()))?;
        let edited = self.edited(&text)?;
        fs::write(&path, edited).with_context(|| format!("{} can't be written", path.display()))
    }

    /// The edited text.
    fn edited(&self, text: &str) -> Result<String> {
        let found = text.matches(self.find).count();
        ensure!(
            found == self.count,
            "{}: expected {} times, found {} times: {}",
            self.file,
            self.count,
            found,
            self.find
        );
        Ok(text.replace(self.find, self.replace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIT: Edit = Edit {
        file: "a.rs",
        find: "old",
        replace: "new",
        count: 2,
    };

    #[test]
    fn all_places_are_edited() {
        assert_eq!(EDIT.edited("old and old").unwrap(), "new and new");
    }

    #[test]
    fn other_number_of_places_is_an_error_that_names_it() {
        for text in ["old", "old old old", "none"] {
            let error = EDIT.edited(text).unwrap_err().to_string();
            assert!(error.contains("a.rs: expected 2 times"), "{error}");
        }
    }
}
