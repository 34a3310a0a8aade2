//! Paths for Unix sockets and files, one for each use, gone with the test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A path where nothing is; what a test puts there is removed.
pub(crate) struct TempPath(PathBuf);

impl TempPath {
    /// A path that no other test has, in this process or another.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = temp_dir().join(unique_name(&number.to_string()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

/// A name that no other test has, in this process or another, with `what` in it.
#[cfg(not(target_os = "wasi"))]
pub(crate) fn unique_name(what: &str) -> String {
    format!("mio-suite-{}-{what}", std::process::id())
}

/// A name that no other test has, in this process or another, with `what` in it:
/// WASI numbers no processes, but the folder is new for each run.
#[cfg(target_os = "wasi")]
pub(crate) fn unique_name(what: &str) -> String {
    let folder = temp_dir();
    let folder = folder.file_name().expect("a folder with a name");
    format!("{}-{what}", folder.to_string_lossy())
}

/// Where temporary files go.
#[cfg(not(target_os = "wasi"))]
fn temp_dir() -> PathBuf {
    std::env::temp_dir()
}

/// Where temporary files go: a folder that has the same name inside and outside,
/// since the paths of Unix sockets are those outside. `ci/wasi.sh` makes it.
#[cfg(target_os = "wasi")]
fn temp_dir() -> PathBuf {
    std::env::var_os("TMPDIR")
        .expect("TMPDIR, see ci/wasi.sh")
        .into()
}

impl AsRef<Path> for TempPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempPath {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
