//! The program on small projects that depend on the real tokio, which cargo has to be able to
//! resolve.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What a project with sockets depends on.
const WITH_SOCKETS: &str = "tokio = { version = \"=1.54.1\", features = [\"full\"] }";

/// A project with these dependencies.
fn project(dependencies: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_project(folder.path(), dependencies);
    folder
}

fn write_project(folder: &Path, dependencies: &str) {
    let manifest = format!(
        "[package]\nname = \"probe\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n{dependencies}\n"
    );
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
}

/// Runs the program in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-mio-wasi"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Runs the program, which has to end with this exit status, and returns what it wrote.
fn expect(status: i32, folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {text}");
    text
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The files of a project but for the lock file, which cargo writes when it reads a project.
fn files_without_lock(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = files(folder);
    found.remove("Cargo.lock");
    found
}

#[test]
fn second_run_changes_nothing() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &[]);
    let first = files(project.path());
    let root = ".mio_wasi/tokio-1.54.1/src/lib.rs";
    assert!(first.contains_key(root));
    // Cargo builds a package again when the times of its files change.
    let modified = |name: &str| {
        let metadata = fs::metadata(project.path().join(name)).unwrap();
        metadata.modified().unwrap()
    };
    let time = modified(root);
    let other = project
        .path()
        .join(".mio_wasi/tokio-1.54.1/src/macros/cfg.rs");
    fs::write(&other, "changed by hand").unwrap();
    expect(0, project.path(), &[]);
    assert!(files(project.path()) == first);
    assert_eq!(modified(root), time);
}

#[test]
fn check_passes_only_while_the_copies_are_used() {
    let project = project(WITH_SOCKETS);
    let before = expect(1, project.path(), &["--check"]);
    assert!(before.contains("tokio-1.54.1"), "{before}");
    expect(0, project.path(), &[]);
    expect(0, project.path(), &["--check"]);

    write_project(project.path(), &WITH_SOCKETS.replace("=1.54.1", "=1.53.0"));
    let updated = expect(1, project.path(), &["--check"]);
    assert!(updated.contains("tokio-1.53.0"), "{updated}");
    expect(0, project.path(), &[]);
    expect(0, project.path(), &["--check"]);
}

#[test]
fn check_requires_the_mio_of_this_repository() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &[]);
    let config = project.path().join(".cargo/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("mio"))
        .collect();
    fs::write(&config, lines.join("\n") + "\n").unwrap();
    let text = expect(1, project.path(), &["--check"]);
    assert!(text.contains("mio"), "{text}");
}

#[test]
fn remove_restores_the_project() {
    let project = project(WITH_SOCKETS);
    fs::create_dir(project.path().join(".cargo")).unwrap();
    let config = project.path().join(".cargo/config.toml");
    fs::write(&config, "[build]\njobs = 2\n").unwrap();
    let before = files(project.path());
    expect(0, project.path(), &[]);
    expect(0, project.path(), &["--remove"]);
    assert!(files_without_lock(project.path()) == before);
    expect(0, project.path(), &["--remove"]);
}

#[test]
fn remove_leaves_no_folder_that_was_not_there() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &[]);
    expect(0, project.path(), &["--remove"]);
    assert!(!project.path().join(".cargo").exists());
}

#[test]
fn remove_in_a_project_leaves_the_one_around_it() {
    let outer = project(WITH_SOCKETS);
    let inner = outer.path().join("inner");
    write_project(&inner, "");
    expect(0, outer.path(), &[]);
    let before = files(outer.path());
    expect(0, &inner, &["--remove"]);
    assert!(files(outer.path()) == before);
}

#[test]
fn member_of_a_workspace_is_prepared_at_the_root() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("Cargo.toml"),
        "[workspace]\nmembers = [\"member\"]\nresolver = \"2\"\n",
    )
    .unwrap();
    let member = root.path().join("member");
    write_project(&member, WITH_SOCKETS);
    let manifest = fs::read_to_string(member.join("Cargo.toml")).unwrap();
    fs::write(
        member.join("Cargo.toml"),
        manifest.replace("[workspace]\n", ""),
    )
    .unwrap();
    expect(0, &member, &[]);
    assert!(root.path().join(".mio_wasi").exists());
    expect(0, &member, &["--remove"]);
    assert!(!root.path().join(".mio_wasi").exists());
}

#[test]
fn project_without_sockets_is_prepared() {
    let project = project("tokio = { version = \"=1.54.1\", features = [\"rt\"] }");
    expect(0, project.path(), &[]);
    expect(0, project.path(), &["--check"]);
}

#[test]
fn project_with_both_versions_of_mio_is_prepared() {
    let project = project(&format!(
        "{WITH_SOCKETS}\nmio = {{ version = \"0.8\", features = [\"os-poll\", \"net\"] }}"
    ));
    expect(0, project.path(), &[]);
    expect(0, project.path(), &["--check"]);
}

#[test]
fn package_can_be_left_as_it_is() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &["--without", "socket2"]);
    let prepared = files(project.path());
    assert!(prepared.keys().all(|name| !name.contains("socket2")));
    expect(0, project.path(), &["--check", "--without", "socket2"]);
}

#[test]
fn failure_leaves_the_project_as_it_was() {
    let old_tokio = WITH_SOCKETS.replace("=1.54.1", "=1.50.0");
    let own_table = "[patch.crates-io]\n";
    let cases = [
        (old_tokio.as_str(), "", &[][..], "tokio 1.51 or newer"),
        (WITH_SOCKETS, own_table, &[][..], "[patch.crates-io]"),
        (WITH_SOCKETS, "", &["--without", "nothing"][..], "nothing"),
        ("", "", &[][..], "doesn't use tokio"),
    ];
    for (dependencies, config, arguments, message) in cases {
        let project = project(dependencies);
        fs::create_dir(project.path().join(".cargo")).unwrap();
        fs::write(project.path().join(".cargo/config.toml"), config).unwrap();
        let before = files(project.path());
        let text = expect(2, project.path(), arguments);
        assert!(text.contains(message), "{text}");
        assert!(files_without_lock(project.path()) == before, "{message}");
    }
}

#[test]
fn failure_of_a_second_run_leaves_the_first() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &[]);
    let config = project.path().join(".cargo/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let broken = text.replace("# <<<", "# ---");
    assert!(broken != text);
    fs::write(&config, broken).unwrap();
    let before = files(project.path());
    expect(2, project.path(), &[]);
    assert!(files(project.path()) == before);
}

#[test]
fn place_that_is_not_found_is_named_and_leaves_the_project_as_it_was() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &[]);
    // A source whose text differs from what the edits expect.
    let copy = project.path().join(".mio_wasi/tokio-1.54.1");
    fs::write(copy.join(".mio_wasi_source"), copy.display().to_string()).unwrap();
    let before = files(project.path());
    let text = expect(2, project.path(), &[]);
    assert!(text.contains("expected 1 times, found 0 times"), "{text}");
    assert!(files(project.path()) == before);
}

#[test]
fn copies_that_were_deleted_by_hand_are_an_error_that_says_what_to_do() {
    let project = project(WITH_SOCKETS);
    expect(0, project.path(), &[]);
    fs::remove_dir_all(project.path().join(".mio_wasi")).unwrap();
    for arguments in [&[][..], &["--check"]] {
        let text = expect(2, project.path(), arguments);
        assert!(text.contains("--remove"), "{text}");
    }
    expect(0, project.path(), &["--remove"]);
    expect(0, project.path(), &[]);
}

#[test]
fn folder_without_a_project_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["--check"], &["--remove"]] {
        let text = expect(2, folder.path(), arguments);
        assert!(text.contains("no cargo project"), "{text}");
    }
    assert!(files(folder.path()).is_empty());
}
