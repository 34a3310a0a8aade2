#!/usr/bin/env python3
"""Tests of the programs in this folder, on small crates."""

import tempfile
import unittest
from pathlib import Path

import cycles
import figures
from rust import Source


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, files):
        for name, text in files.items():
            path = Path(self.folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def groups(self, **files):
        """The groups of files with a cycle; `__` in a name is a folder."""
        self.write({name.replace("__", "/") + ".rs": text for name, text in files.items()})
        edges = cycles.Crate(Path(self.folder.name, "lib.rs")).edges()
        found = []
        for group in cycles.groups(edges):
            shortest = cycles.shortest(edges, group)
            self.assertEqual(shortest[0], shortest[-1])
            for file, target in zip(shortest, shortest[1:]):
                self.assertIn(target, edges[file])
            found.append({str(Path(file).relative_to(self.folder.name)) for file in group})
        return found

    def source(self, text):
        self.write({"some/file.rs": text})
        return Source(Path(self.folder.name, "some/file.rs"))


class Cycles(Files):
    def test_use_both_ways(self):
        found = self.groups(
            lib="mod a; mod b; mod c;",
            a="use crate::b::{B, self};\npub struct A(B);",
            b="use super::{a::A as Other};\npub struct B(Box<Other>);",
            c="use crate::a::A;",
        )
        self.assertEqual(found, [{"a.rs", "b.rs"}])

    def test_paths_in_code(self):
        found = self.groups(
            lib="mod a; mod b;",
            a="use crate::b; pub fn a() { b::b() }",
            b="pub fn b() { super::a::a() }",
        )
        self.assertEqual(found, [{"a.rs", "b.rs"}])

    def test_parent_and_child(self):
        found = self.groups(
            lib="mod p;",
            p__mod="mod c; pub struct P; pub fn p() { c::c() }",
            p__c="use super::P; pub fn c() -> P { P }",
        )
        self.assertEqual(found, [{"p/mod.rs", "p/c.rs"}])

    def test_reexports_are_followed(self):
        found = self.groups(
            lib="mod p;",
            p__mod="mod c; mod d; pub use self::c::*; pub(crate) use self::d::D;",
            p__c="use super::D; pub struct C(D);",
            p__d="pub struct D;",
        )
        self.assertEqual(found, [])

    def test_used_reexport_counts(self):
        found = self.groups(
            lib="mod p;",
            p__mod="mod c; pub use self::c::C; pub struct P(C);",
            p__c="use super::P; pub struct C(Box<P>);",
        )
        self.assertEqual(found, [{"p/mod.rs", "p/c.rs"}])

    def test_glob_import(self):
        found = self.groups(
            lib="mod a; mod b;",
            a="use crate::b::*; pub struct A(B);",
            b="use crate::a::*; pub struct B(Box<A>);",
        )
        self.assertEqual(found, [{"a.rs", "b.rs"}])

    def test_tests_assertions_and_texts_are_left_out(self):
        found = self.groups(
            lib="mod a; mod b; #[cfg(test)] mod t;",
            a="pub struct A; const _: fn() -> crate::b::B = || { crate::b::b() };\n"
            "#[cfg(test)] mod tests { use crate::b::B; }\n"
            '// crate::b::B\nconst TEXT: &str = "crate::b::B";',
            b="pub struct B(crate::a::A); pub fn b() -> B { todo!() }",
            t="use crate::a::A;",
        )
        self.assertEqual(found, [])

    def test_code_after_an_assertion_counts(self):
        found = self.groups(
            lib="mod a; mod b;",
            a="const _: () = { assert!(true); };\npub struct A(Box<crate::b::B>);",
            b="pub struct B(crate::a::A);",
        )
        self.assertEqual(found, [{"a.rs", "b.rs"}])

    def test_backends_beside_each_other(self):
        backend = "mod poll; pub use self::poll::Selector;"
        found = self.groups(
            lib="#[cfg(unix)] mod one; #[cfg(unix)] pub use self::one::*;"
            "#[cfg(windows)] mod two; #[cfg(windows)] pub use self::two::*;",
            one__mod=backend + "mod waker;",
            one__poll="pub struct Selector;",
            one__waker="use crate::Selector; pub struct Waker(Selector);",
            two__mod=backend,
            two__poll="use crate::one::waker::Waker; pub struct Selector;",
        )
        self.assertEqual(found, [])

    def test_inline_modules_are_folders(self):
        found = self.groups(
            lib="mod u { mod a; mod b; pub use self::a::A; }",
            u__a="use super::b::B; pub struct A(B);",
            u__b="use crate::u::A; pub struct B(Box<A>);",
        )
        self.assertEqual(found, [{"u/a.rs", "u/b.rs"}])


class Figures(Files):
    def test_names(self):
        for name in ("look_again", "Doorbell", "find_track", "MOST_EVENTS", "HotStreams", "rearm_later", "warm"):
            self.assertTrue(figures.is_bad(name), name)
        for name in ("lookup", "is_later", "warm_up", "most", "shot", "reask", "poll_oneoff", "MAX_NS"):
            self.assertFalse(figures.is_bad(name), name)

    def test_texts_and_lifetimes(self):
        source = self.source(
            "fn f<'told>(x: &'told str) -> char { let hot = r#\"ask \" // nap\"#; '\"' } /* a /* room */ warm */\n// it is told\n"
        )
        self.assertEqual([name for _, name in figures.bad_names(source)], ["told", "hot"])
        self.assertEqual(len(list(figures.bad_comments(source))), 2)

    def test_systems(self):
        source = self.source('#[cfg(any(target_os = "linux", target_vendor = "apple"))]\n// "macos"\nsome!("freebsd", "x");')
        self.assertEqual([name for _, name in figures.systems(source)], ["linux", "apple", "freebsd"])

    def test_allowed(self):
        source = self.source("#[allow(dead_code)] // for it\nfn a() {}\n\n#[allow(unused_imports)]\nfn b() {}\n")
        self.assertEqual(len(list(figures.allowed(source))), 2)
        self.assertEqual([line for line, _ in figures.allowed_silently(source)], [4])

    def test_functions(self):
        source = self.source("trait T { fn no(&self) -> [u8; 2]; }\nfn f() {\n    #[cfg(unix)]\n    let x = '{';\n}\n")
        self.assertEqual([(name, first, last) for name, first, last, _ in source.functions()], [("f", 2, 5)])
        self.assertEqual(list(figures.inner_cfgs(source)), [(3, "f")])


if __name__ == "__main__":
    unittest.main()
