#!/usr/bin/env python3
"""Import cycles between the files below a folder of a crate.

    ci/layout/cycles.py ROOT-FILE FOLDER      e.g. src/lib.rs src/sys

A file depends on another when it names an item that the other defines: in `use`, or in a
path (`super::`, `self::`, `crate::`, a module that is in scope). A name is followed through
re-exports to the file that defines the item; the re-export itself is no dependency of the
file that has it, unless that file uses the name too. Naming a module is none either: what
is taken out of it is. Code under `#[cfg(test)]` is left out, and so are constants named `_`, which assert
something and can't be depended on; all other `cfg` count as set, so a name that each system
defines elsewhere leads to all of those files. Methods are not followed.

Prints each group of files that depend on each other, with one shortest cycle, and in the
last line how many groups and files there are."""

import re
import sys
from collections import defaultdict, deque
from pathlib import Path

from rust import TOKEN, Source, closing

ITEM = {"fn", "struct", "enum", "union", "trait", "type", "const", "static"}


class Module:
    """The names of a module: items with their file, submodules, and imports with their paths."""

    def __init__(self, path):
        self.path = path
        self.file = None
        self.items = {}
        self.imports = defaultdict(list)
        self.globs = []
        # (path, whether it is a re-export, the name it gets) of each `use`.
        self.uses = []
        # All paths and single names in code, outside of `use`.
        self.paths = set()


class Crate:
    def __init__(self, root):
        self.modules = {}
        # The path of the module whose names are being resolved.
        self.asking = ()
        self._file(Path(root), (), Path(root).parent)

    def _module(self, path, file):
        module = self.modules.setdefault(path, Module(path))
        module.file = module.file or str(file)
        return module

    def _file(self, file, path, folder):
        source = Source(file)
        self._scope(source.text, source.code, path, file, folder)

    def _scope(self, text, code, path, file, folder):
        """Reads a module's code. `folder` is where the files of its submodules are."""
        module = self._module(path, file)
        rest = []
        at = depth = 0
        attributes = ""
        pattern = re.compile(
            r"#!?\[|[{}]|;"
            r"|(?P<vis>\bpub(?:\s*\([^)]*\))?\s+)?\b(?:(?P<mod>mod)\s+(?P<name>\w+)\s*(?P<end>[;{])|(?P<use>use)\s)"
            r"|\bmacro_rules!\s*(?P<macro>\w+)"
            r"|\b(?P<item>fn|struct|enum|union|trait|type|const|static)\s+(?:mut\s+)?(?P<defined>\w+)"
            r"|\bextern\s*\"[^\"]*\"\s*\{"
        )
        while match := pattern.search(code, at):
            rest.append(code[at : match.start()])
            at = match.end()
            found = match[0]
            if found.startswith("#"):
                end = closing(code, match.end() - 1)
                attributes += text[match.start() : end + 1]
                at = end + 1
                continue
            is_test = re.search(r"cfg\((?:all\()?test\b", attributes) is not None
            attributes = ""
            if match["mod"]:
                inner = closing(code, at - 1) if match["end"] == "{" else at
                if not is_test:
                    self._submodule(text[at:inner], code[at:inner], path + (match["name"],), file, folder)
                at = inner + 1 if match["end"] == "{" else at
            elif match["use"]:
                end = code.index(";", at)
                if not is_test:
                    self._use(module, code[at:end], match["vis"] is not None)
                at = end + 1
            elif match["macro"]:
                module.items[match["macro"]] = module.file
            elif match["item"]:
                # Nothing can name the item `_`: it is an assertion, and no dependency.
                if depth == 0 and (is_test or match["defined"] == "_"):
                    at = end_of_item(code, at)
                elif depth == 0 and match["defined"] not in ITEM | {"unsafe", "extern"}:
                    module.items[match["defined"]] = module.file
                elif depth == 0 and match["defined"] in ITEM:
                    at = match.start("defined")
            elif found == "{":
                depth += 1
            elif found == "}":
                depth -= 1
            elif found.startswith("extern"):
                # The functions of such a block are names of the module.
                end = closing(code, at - 1)
                for name in re.findall(r"\b(?:fn|static)\s+(\w+)", code[at:end]):
                    module.items[name] = module.file
        rest.append(code[at:])
        module.paths |= set(paths(" ".join(rest)))

    def _submodule(self, text, code, path, file, folder):
        name = path[-1]
        if code:
            self._scope(text, code, path, file, folder / name)
            return
        for candidate in (folder / f"{name}.rs", folder / name / "mod.rs"):
            if candidate.exists():
                self._file(candidate, path, folder / name)

    def _use(self, module, tree, is_export):
        for path, name in leaves(tree):
            module.uses.append((path, is_export, name))
            if name == "*":
                module.globs.append(path)
            else:
                module.imports[name].append(path)

    def resolve(self, module, path, seen=frozenset()):
        """The files and items, or the modules, that a path can lead to."""
        key = (module.path, path)
        if key in seen:
            return set()
        seen |= {key}
        start, rest = module.path, list(path)
        if rest[0] in ("crate", "self", "super"):
            if rest[0] == "crate":
                start = ()
            while rest and rest[0] in ("crate", "self", "super"):
                if rest.pop(0) == "super":
                    start = start[:-1]
            return self._walk(self.modules.get(start), rest, seen)
        if self._has(module, rest[0]):
            return self._walk(module, rest, seen)
        # Not the name of another crate: something that a glob brings in.
        found = set()
        for glob in module.globs:
            if tuple(glob[:1]) != (rest[0],):
                for target in self._modules(module, glob, seen):
                    found |= self._walk(target, rest, seen, is_sure=False)
        return found

    def _modules(self, module, path, seen):
        for kind, value, _ in self.resolve(module, path, seen):
            if kind == "module":
                yield self.modules[value]

    def _brought_in(self, module, seen):
        """The modules whose names globs bring in. Where each system has its own, the one
        that asks belongs to one of them gets that one."""
        targets = [target for glob in module.globs for target in self._modules(module, glob, seen)]
        own = [target for target in targets if target.path == self.asking[: len(target.path)]]
        return own if len(targets) > 1 and own else targets

    def _has(self, module, name):
        return name in module.items or name in module.imports or module.path + (name,) in self.modules

    def _walk(self, module, rest, seen, is_sure=True):
        if module is None:
            return set()
        if not rest:
            return {("module", module.path, None)}
        key = ("walk", module.path, tuple(rest))
        if key in seen:
            return set()
        seen |= {key}
        name = rest[0]
        found = set()
        if name in module.items:
            found.add(("item", module.items[name], name))
        if (child := self.modules.get(module.path + (name,))) is not None:
            found |= self._walk(child, rest[1:], seen)
        for path in module.imports.get(name, ()):
            for kind, value, item in self.resolve(module, path, seen):
                found |= self._walk(self.modules[value], rest[1:], seen) if kind == "module" else {(kind, value, item)}
        if not found:
            for target in self._brought_in(module, seen):
                found |= self._walk(target, rest, seen, is_sure=False)
        # Defined by a macro, say: the module's own file has it.
        if not found and is_sure and name not in module.imports:
            found.add(("item", module.file, name))
        return found

    def edges(self):
        """Which file depends on which others, with one name for each."""
        edges = defaultdict(dict)
        for module in self.modules.values():
            self.asking = module.path
            named = {path[0] for path in module.paths}
            wanted = set(module.paths)
            for path, is_export, name in module.uses:
                if name != "*" and (not is_export or name in named):
                    wanted.add(path)
            for path in sorted(wanted):
                for kind, value, item in sorted(self.resolve(module, path), key=str):
                    if kind == "item" and value != module.file:
                        edges[module.file].setdefault(value, item)
        return edges


def end_of_item(code, at):
    """Where an item ends of which a part is read: after its semicolon, or its body."""
    while at < len(code) and code[at] != ";":
        if code[at] in "([{":
            is_body = code[at] == "{"
            at = closing(code, at)
            # `= { .. };` goes on.
            if is_body and not re.match(r"\s*[;.,]", code[at + 1 :]):
                break
        at += 1
    return at + 1


def paths(code):
    """The paths in code, single names too, as tuples."""
    for match in re.finditer(r"(?<![\w.])(?:\$?\w+\s*::\s*)*[A-Za-z_]\w*", code):
        yield tuple(part.strip().lstrip("$") for part in match[0].split("::"))


def leaves(tree):
    """The paths of a `use`, each with the name that it gets."""
    tokens = [match[0] for match in TOKEN.finditer(tree)]

    def parse(at, prefix):
        path = list(prefix)
        while at < len(tokens):
            token = tokens[at]
            if token == "{":
                at += 1
                while tokens[at] != "}":
                    at = yield from parse(at, path)
                    at += tokens[at] == ","
                return at + 1
            if token == "*":
                yield tuple(path), "*"
                return at + 1
            if token == "as":
                yield tuple(path), tokens[at + 1]
                return at + 2
            if token in (",", "}"):
                break
            if token != "::":
                if token != "self" or not path:
                    path.append(token)
            at += 1
        yield tuple(path), path[-1]
        return at

    yield from parse(0, [])


def groups(edges):
    """Groups of files that can all reach each other."""

    def reachable(start):
        seen, queue = set(), [start]
        while queue:
            for target in edges.get(queue.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        return seen

    reach = {file: reachable(file) for file in edges}
    left = sorted(file for file in edges if file in reach[file])
    while left:
        group = [file for file in left if file == left[0] or (file in reach[left[0]] and left[0] in reach[file])]
        yield group
        left = [file for file in left if file not in group]


def shortest(edges, group):
    """A shortest cycle through files of the group."""
    best = None
    for start in group:
        before, queue = {}, deque([start])
        while queue and start not in before:
            file = queue.popleft()
            for target in sorted(edges.get(file, ())):
                if target in group and target not in before:
                    before[target] = file
                    queue.append(target)
        cycle, file = [start], before[start]
        while file != start:
            cycle.append(file)
            file = before[file]
        cycle = [start, *reversed(cycle[1:]), start]
        if best is None or len(cycle) < len(best):
            best = cycle
    return best


def main():
    root, folder = sys.argv[1], sys.argv[2].rstrip("/") + "/"
    inside = {
        file: {target: name for target, name in targets.items() if target.startswith(folder)}
        for file, targets in Crate(root).edges().items()
        if file.startswith(folder)
    }
    if "--edges" in sys.argv:
        for file, targets in sorted(inside.items()):
            for target, name in sorted(targets.items()):
                print(f"{file} -> {target} ({name})")
    all_groups = list(groups(inside))
    for group in all_groups:
        print(f"files that depend on each other: {' '.join(file.removeprefix(folder) for file in group)}")
        cycle = shortest(inside, group)
        for file, target in zip(cycle, cycle[1:]):
            print(f"    {file.removeprefix(folder)} names {inside[file][target]} of {target.removeprefix(folder)}")
    print(len(all_groups), sum(map(len, all_groups)))


if __name__ == "__main__":
    main()
