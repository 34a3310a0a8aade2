//! The part of `.cargo/config.toml` between two marker lines.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{ensure, Context, Result};

/// The lines around what this program writes.
const BEGIN: &str = "# >>> cargo mio-wasi: written by it, and removed by its --remove";
const END: &str = "# <<< cargo mio-wasi";

/// Replaces the part between the markers; `None` removes it.
pub(crate) fn write(path: &Path, part: Option<&str>) -> Result<()> {
    let old = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        result => result.with_context(|| format!("{} can't be read", path.display()))?,
    };
    let new = replaced(&old, part).with_context(|| format!("{}", path.display()))?;
    if new == old {
        return Ok(());
    }
    if new.is_empty() {
        fs::remove_file(path).with_context(|| format!("{}", path.display()))?;
        // Fails when the folder holds anything else, and then it stays.
        let _ = path.parent().map(fs::remove_dir);
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Written beside it and moved, so that it is never half there.
    let temporary = path.with_extension("toml.mio-wasi");
    fs::write(&temporary, new).with_context(|| format!("{}", temporary.display()))?;
    fs::rename(&temporary, path).with_context(|| format!("{}", path.display()))
}

/// Does the file have the part of this program?
pub(crate) fn has_part(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(BEGIN))
}

/// The text with another part between the markers.
fn replaced(old: &str, part: Option<&str>) -> Result<String> {
    let begin = old.find(BEGIN);
    let rest = match begin {
        None => old.to_owned(),
        Some(begin) => {
            let end = old[begin..].find(END);
            ensure!(
                end.is_some(),
                "the line `{END}` is missing: remove the part by hand"
            );
            let end = begin + end.unwrap_or_default() + END.len();
            let behind = old[end..].strip_prefix('\n').unwrap_or(&old[end..]);
            format!("{}{behind}", &old[..begin])
        }
    };
    // Which of two is ours, and what is between them, only the user knows.
    ensure!(
        !rest.contains(BEGIN) && !rest.contains(END),
        "there are more lines like `{BEGIN}` and `{END}`: remove all but one part by hand"
    );
    let Some(part) = part else {
        return Ok(rest);
    };
    ensure!(
        !rest
            .lines()
            .any(|line| line.trim_start().starts_with("[patch.crates-io]")),
        "it has a table `[patch.crates-io]` of its own: move that to Cargo.toml"
    );
    let gap = if rest.is_empty() || rest.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Ok(format!("{rest}{gap}{BEGIN}\n{part}{END}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_is_added_replaced_and_removed() {
        for own in ["", "[build]\njobs = 2\n"] {
            let first = replaced(own, Some("a = 1\n")).unwrap();
            assert_eq!(replaced(&first, Some("a = 1\n")).unwrap(), first);
            let second = replaced(&first, Some("b = 2\n")).unwrap();
            assert!(second.contains("b = 2") && !second.contains("a = 1"));
            assert_eq!(replaced(&second, None).unwrap(), own);
        }
    }

    #[test]
    fn text_without_the_second_marker_is_left_alone() {
        assert!(replaced(&format!("{BEGIN}\na = 1\n"), None).is_err());
    }

    #[test]
    fn text_with_two_parts_is_left_alone() {
        let one = replaced("", Some("a = 1\n")).unwrap();
        for two in [
            format!("{one}{one}"),
            format!("{one}{END}\n"),
            format!("{END}\n{one}"),
        ] {
            assert!(replaced(&two, None).is_err(), "{two}");
            assert!(replaced(&two, Some("b = 2\n")).is_err(), "{two}");
        }
    }

    #[test]
    fn own_table_of_patches_is_an_error() {
        assert!(replaced("[patch.crates-io]\n", Some("")).is_err());
    }
}
