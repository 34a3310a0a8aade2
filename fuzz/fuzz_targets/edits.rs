//! The port tool's edits: packages with any manifest and sources, and any configuration.
//!
//! What is copied and edited stays within the folder that it is meant for, an edit is made as
//! planned or refused, and doing all of it once more changes nothing.
#![no_main]
#![allow(clippy::incompatible_msrv)] // the tool needs a newer compiler than the library

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;

// The tool's own files.
#[allow(dead_code)]
#[path = "../../ports/src/change.rs"]
mod change;
#[allow(dead_code)]
#[path = "../../ports/src/config.rs"]
mod config;
#[allow(dead_code)]
#[path = "../../ports/src/copy.rs"]
mod copy;
#[path = "../../ports/src/edit.rs"]
mod edit;
#[allow(dead_code)]
#[path = "../../ports/src/recipes.rs"]
mod recipes;

mod project {
    /// As in `ports/src/project.rs`.
    pub(crate) const FOLDER: &str = ".mio_wasi";
}

/// A piece of a file.
#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// What some edit of the recipe looks for.
    Found(u8),
    /// What some edit puts in its place.
    Replaced(u8),
    Text(&'a str),
    /// May be no UTF-8.
    Bytes(&'a [u8]),
    /// A marker line of the configuration.
    Marker(bool),
    Table,
}

/// A file, one of the recipe's or another one.
#[derive(Arbitrary, Debug)]
struct File<'a> {
    name: u8,
    /// Write what each of its edits looks for first, as often as it has to be there.
    is_fitting: bool,
    pieces: Vec<Piece<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    recipe: u8,
    files: Vec<File<'a>>,
    config: Option<Vec<Piece<'a>>>,
    part: &'a str,
}

/// Names of files besides those of the recipe.
const OTHERS: [&str; 5] = [
    "src/lib.rs",
    "build.rs",
    "src/a/b/c.rs",
    ".cargo-ok",
    "README",
];

/// The content of a file.
fn content(pieces: &[Piece<'_>], recipe: &recipes::Recipe) -> Vec<u8> {
    let edit = |number: u8| &recipe.edits[usize::from(number) % recipe.edits.len()];
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend_from_slice(match piece {
            Piece::Found(number) => edit(*number).find.as_bytes(),
            Piece::Replaced(number) => edit(*number).replace.as_bytes(),
            Piece::Text(text) => text.as_bytes(),
            Piece::Bytes(bytes) => bytes,
            Piece::Marker(true) => {
                b"# >>> cargo mio-wasi: written by it, and removed by its --remove\n"
            }
            Piece::Marker(false) => b"# <<< cargo mio-wasi\n",
            Piece::Table => b"[patch.crates-io]\n",
        });
    }
    bytes
}

/// Everything below a folder, with its content.
fn tree(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("below it");
            let name = name.display().to_string();
            if path.is_dir() {
                found.insert(name, None);
                folders.push(path);
            } else {
                found.insert(name, Some(fs::read(&path).expect("a file")));
            }
        }
    }
    found
}

/// Copies and edits a package.
fn check_package(input: &Input<'_>, root: &Path) {
    let recipe = &recipes::RECIPES[usize::from(input.recipe) % recipes::RECIPES.len()];
    let (from, to) = (root.join("registry"), root.join("project/copy"));
    let names: Vec<&str> = recipe
        .edits
        .iter()
        .map(|edit| edit.file)
        .chain(OTHERS)
        .collect();
    for file in &input.files {
        let name = names[usize::from(file.name) % names.len()];
        let mut bytes = Vec::new();
        for edit in recipe
            .edits
            .iter()
            .filter(|edit| file.is_fitting && edit.file == name)
        {
            bytes.extend(format!("{}\n", edit.find).repeat(edit.count).into_bytes());
        }
        bytes.extend(content(&file.pieces, recipe));
        let path = from.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    fs::create_dir_all(&from).expect("made");
    fs::create_dir_all(root.join("project")).expect("made");
    let before = tree(&from);
    let first = copy::package(recipe, &from, &to, Path::new("/nowhere/libc"));
    assert_eq!(
        tree(&from),
        before,
        "the package in the registry has changed"
    );
    let copied = tree(&to);
    // Over what is there already.
    let second = copy::package(recipe, &from, &to, Path::new("/nowhere/libc"));
    assert_eq!(first.is_ok(), second.is_ok());
    if first.is_ok() {
        assert_eq!(tree(&to), copied, "a second copy differs");
        assert_eq!(copy::source(&to).expect("its source"), from);
        check_edits(recipe, &before, &copied);
    }
}

/// Files without an edit are as they were, and edited ones have what was planned.
fn check_edits(
    recipe: &recipes::Recipe,
    before: &BTreeMap<String, Option<Vec<u8>>>,
    copied: &BTreeMap<String, Option<Vec<u8>>>,
) {
    for (name, old) in before {
        let is_edited = recipe.edits.iter().any(|edit| edit.file == name);
        let is_prepared = ["src/lib.rs", "Cargo.toml", ".cargo-ok"].contains(&name.as_str());
        if !is_edited && !is_prepared {
            assert_eq!(copied.get(name), Some(old), "{name} has changed");
        }
    }
}

/// Writes the part of a configuration, writes it once more, and removes it.
fn check_config(input: &Input<'_>, root: &Path) {
    let path = root.join("project/.cargo/config.toml");
    let recipe = &recipes::RECIPES[0];
    if let Some(pieces) = &input.config {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, content(pieces, recipe)).expect("written");
    }
    let old = fs::read(&path).ok();
    let part = format!("{}\n", input.part.replace("# ", "#"));
    if config::write(&path, Some(&part)).is_err() {
        assert_eq!(fs::read(&path).ok(), old, "refused, and changed");
        return;
    }
    assert!(config::has_part(&path));
    let written = fs::read(&path).expect("written");
    config::write(&path, Some(&part)).expect("the same once more");
    let second = fs::read(&path).expect("written");
    assert_eq!(
        String::from_utf8_lossy(&second),
        String::from_utf8_lossy(&written)
    );
    config::write(&path, None).expect("removed");
    assert!(!config::has_part(&path), "a part is left");
    let left = fs::read_to_string(&path).unwrap_or_default();
    let own = String::from_utf8(old.unwrap_or_default()).expect("it was read");
    if !own.contains("cargo mio-wasi") {
        assert_eq!(left.trim_end_matches('\n'), own.trim_end_matches('\n'));
    }
}

/// A change that is dropped leaves everything as it was.
fn check_change(root: &Path) {
    let project = root.join("project");
    let before = tree(&project);
    let config = project.join(".cargo/config.toml");
    let mut change = change::Change::begin(&project, &config).expect("begun");
    fs::create_dir(change.new_copies()).expect("made");
    fs::write(change.new_copies().join("file"), "new").expect("written");
    change.install().expect("installed");
    if config.exists() {
        fs::write(&config, "changed").expect("written");
    }
    drop(change);
    assert_eq!(tree(&project), before, "it was not restored");
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = Input::arbitrary(&mut Unstructured::new(bytes)) else {
        return;
    };
    let outside = tempfile::tempdir().expect("a folder");
    let root = outside.path().join("inside");
    fs::create_dir(&root).expect("made");
    fs::write(outside.path().join("file"), "outside").expect("written");
    check_package(&input, &root);
    check_config(&input, &root);
    check_change(&root);
    let mut others = tree(outside.path());
    others.retain(|name, _| !name.starts_with("inside"));
    assert_eq!(others.len(), 1, "something was written outside");
    let allowed = |name: &str| name == "inside/registry" || name == "inside/project";
    let entries = fs::read_dir(&root).expect("a folder");
    for entry in entries {
        let name = entry.expect("an entry").file_name();
        assert!(allowed(&format!("inside/{}", name.to_string_lossy())));
    }
});
