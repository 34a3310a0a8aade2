//! What is edited in which package, and why.

use semver::{Version, VersionReq};

use crate::edit::Edit;

/// The edits of a package.
pub(crate) struct Recipe {
    /// The package's name.
    pub(crate) package: &'static str,
    /// The versions that the edits are for.
    pub(crate) versions: &'static str,
    /// What to do about another version.
    pub(crate) otherwise: &'static str,
    /// Is the package left out without an error when another version is used?
    pub(crate) is_optional: bool,
    /// The edits.
    pub(crate) edits: &'static [Edit],
}

impl Recipe {
    /// Are the edits for this version?
    pub(crate) fn fits(&self, version: &Version) -> bool {
        VersionReq::parse(self.versions).is_ok_and(|versions| versions.matches(version))
    }
}

/// tokio and socket2 say "WASI, but not preview 1".
const NOT_PREVIEW_1: &str = r#"all(target_os = "wasi", not(target_env = "p1"))"#;
const WASI: &str = r#"target_os = "wasi""#;

/// All recipes.
pub(crate) const RECIPES: &[Recipe] = &[
    Recipe {
        package: "tokio",
        versions: ">=1.51, <2",
        otherwise: "needs tokio 1.51 or newer: run `cargo update -p tokio`",
        is_optional: false,
        edits: &[
            // socket2 is a dependency on all of WASI.
            Edit { file: "Cargo.toml", find: NOT_PREVIEW_1, replace: WASI, count: 1 },
            // `connect`, `bind`, UDP and names are there on preview 1 too.
            Edit {
                file: "src/macros/cfg.rs",
                find: r#"#[cfg(not(all(target_os = "wasi", target_env = "p1")))]"#,
                replace: "#[cfg(all())]",
                count: 1,
            },
            Edit {
                file: "src/runtime/io/registration.rs",
                find: r#"#[cfg(not(all(target_os = "wasi", target_env = "p1")))]"#,
                replace: "#[cfg(all())]",
                count: 1,
            },
            // std can't look names up on preview 1; mio does it by a call of the host.
            Edit {
                file: "src/net/addr.rs",
                find: "std::net::ToSocketAddrs::to_socket_addrs(&s)",
                replace: "mio::net::lookup_host(&s)",
                count: 1,
            },
            Edit {
                file: "src/net/addr.rs",
                find: "std::net::ToSocketAddrs::to_socket_addrs(&(&host[..], port))",
                replace: "mio::net::lookup(&host, port)",
                count: 1,
            },
            // Without threads a blocking task runs at once. It switches the budget of the
            // calling task off, which is restored afterwards.
            Edit {
                file: "src/runtime/blocking/pool.rs",
                find: "let spawned = self.spawn_task(Task::new(task, is_mandatory), rt);",
                replace: "let task = Task::new(task, is_mandatory);
        let spawned = if cfg!(target_os = \"wasi\") {
            crate::task::coop::budget(|| task.run());
            Ok(())
        } else {
            self.spawn_task(task, rt)
        };",
                count: 1,
            },
            // The workers of a runtime with threads are blocking tasks that never end.
            Edit {
                file: "src/runtime/builder.rs",
                find: "            Kind::MultiThread => self.build_threaded_runtime(),
",
                replace: "            Kind::MultiThread if !cfg!(target_os = \"wasi\") => self.build_threaded_runtime(),
            #[cfg(feature = \"rt-multi-thread\")]
            Kind::MultiThread => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                \"WASI has no threads: the runtime has to be of the flavor `current_thread`\",
            )),
",
                count: 1,
            },
            // mio re-arms a source after a short read or write, so another call isn't needed to
            // find out that there is no more: a call of the host less for each request.
            Edit {
                file: "src/io/poll_evented.rs",
                find: "target_os = \"illumos\",",
                replace: "target_os = \"illumos\", target_os = \"wasi\",",
                count: 2,
            },
            // What is there needs no flag of the compiler.
            Edit {
                file: "src/lib.rs",
                find: "    not(tokio_unstable),
    target_family = \"wasm\",
",
                replace: "    not(tokio_unstable),
    target_family = \"wasm\",
    not(target_os = \"wasi\"),
",
                count: 1,
            },
            Edit {
                file: "src/net/tcp/stream.rs",
                find: r#"#[cfg(all(tokio_unstable, target_os = "wasi"))]"#,
                replace: r#"#[cfg(target_os = "wasi")]"#,
                count: 1,
            },
            Edit {
                file: "src/net/tcp/listener.rs",
                find: "cfg_unstable! {\n    #[cfg(target_os = \"wasi\")]",
                replace: "cfg_net! {\n    #[cfg(target_os = \"wasi\")]",
                count: 1,
            },
        ],
    },
    Recipe {
        package: "socket2",
        versions: ">=0.6.3, <0.7",
        otherwise: "needs socket2 0.6.3 or newer: run `cargo update -p socket2`",
        is_optional: true,
        edits: &[
            Edit { file: "src/lib.rs", find: NOT_PREVIEW_1, replace: WASI, count: 5 },
            Edit { file: "src/sockaddr.rs", find: NOT_PREVIEW_1, replace: WASI, count: 2 },
            Edit { file: "src/socket.rs", find: NOT_PREVIEW_1, replace: WASI, count: 5 },
            Edit { file: "src/sockref.rs", find: NOT_PREVIEW_1, replace: WASI, count: 2 },
            Edit { file: "src/sys/unix.rs", find: NOT_PREVIEW_1, replace: WASI, count: 5 },
            // The sockets that libc lacks on preview 1.
            Edit {
                file: "Cargo.toml",
                find: "[target.'cfg(any(unix, target_os = \"wasi\"))'.dependencies.libc]\n",
                replace: "[target.'cfg(any(unix, target_os = \"wasi\"))'.dependencies.libc]\npackage = \"mio_wasi_libc\"\npath = \"@MIO_WASI_LIBC@\"\n#",
                count: 1,
            },
        ],
    },
    // Names through tokio, in place of a blocking task with std's resolver. Without it: IP
    // addresses, and names by a resolver that the program brings.
    Recipe {
        package: "hyper-util",
        versions: ">=0.1.19, <0.2",
        otherwise: "needs hyper-util 0.1.19 or newer",
        is_optional: true,
        edits: &[
            Edit {
                file: "src/client/legacy/connect/dns.rs",
                find: "tokio::task::spawn_blocking(move || {",
                replace: "tokio::task::spawn(async move {",
                count: 1,
            },
            Edit {
                file: "src/client/legacy/connect/dns.rs",
                find: "            (&*name.host, 0)
                .to_socket_addrs()
                .map(|i| SocketAddrs { iter: i })
",
                replace: "            let found = tokio::net::lookup_host((&*name.host, 0)).await?;
            Ok(SocketAddrs::new(found.collect()))
",
                count: 1,
            },
        ],
    },
    // std's set_nodelay is Unsupported on preview 1. Without it: a stream that the program
    // connects itself.
    Recipe {
        package: "redis",
        versions: ">=0.32.4, <2",
        otherwise: "needs redis 0.32.4 or newer",
        is_optional: true,
        edits: &[Edit {
            file: "src/io/tcp.rs",
            find: "    socket.set_nodelay(settings.nodelay)?;
",
            replace: "    #[cfg(not(target_os = \"wasi\"))]
    socket.set_nodelay(settings.nodelay)?;
",
            count: 1,
        }],
    },
    // Unix sockets exist on Unix, and not wherever Windows isn't.
    Recipe {
        package: "tonic",
        versions: ">=0.14, <0.15",
        otherwise: "needs tonic 0.14",
        is_optional: true,
        edits: &[
            Edit {
                file: "src/transport/channel/uds_connector.rs",
                find: "#[cfg(not(target_os = \"windows\"))]",
                replace: "#[cfg(unix)]",
                count: 2,
            },
            Edit {
                file: "src/transport/channel/uds_connector.rs",
                find: "#[cfg(target_os = \"windows\")]",
                replace: "#[cfg(not(unix))]",
                count: 2,
            },
        ],
    },
    // A home folder by $HOME, which sqlx 0.8 asks for.
    Recipe {
        package: "home",
        versions: ">=0.5.5, <0.6",
        otherwise: "needs home 0.5.5 or newer",
        is_optional: true,
        edits: &[Edit {
            file: "src/lib.rs",
            find: "#[cfg(any(unix, target_os = \"redox\"))]",
            replace: "#[cfg(any(unix, target_os = \"redox\", target_os = \"wasi\"))]",
            count: 1,
        }],
    },
    // Certificates by SSL_CERT_FILE and a folder that the host passes on.
    Recipe {
        package: "rustls-native-certs",
        versions: ">=0.7.2, <0.9",
        otherwise: "needs rustls-native-certs 0.7.2 or newer",
        is_optional: true,
        edits: &[
            Edit {
                file: "Cargo.toml",
                find: "cfg(all(unix, not(target_os = \"macos\")))",
                replace: "cfg(any(target_os = \"wasi\", all(unix, not(target_os = \"macos\"))))",
                count: 1,
            },
            Edit {
                file: "src/lib.rs",
                find: "#[cfg(all(unix, not(target_os = \"macos\")))]",
                replace: "#[cfg(any(target_os = \"wasi\", all(unix, not(target_os = \"macos\"))))]",
                count: 2,
            },
        ],
    },
];
