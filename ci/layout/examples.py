#!/usr/bin/env python3
"""Prints the public items that have no example in their documentation: functions, methods, types,
traits and constants; not modules. Fails if there are any.

    examples.py JSON     what `rustdoc --output-format json` has made
"""
import json
import sys


def missing(document):
    """Yields the path of each public item without an example."""
    index = document["index"]
    seen = set()

    def item(number):
        return index.get(str(number))

    def visit(number, path):
        here = item(number)
        if here is None or number in seen:
            return
        ((kind, inner),) = here["inner"].items()
        if kind == "use":
            # What other crates define is documented there.
            target = item(inner["id"]) if inner["id"] is not None else None
            if target is not None and inner["is_glob"]:
                for child in target["inner"]["module"]["items"]:
                    yield from visit(child, path)
            elif target is not None:
                yield from visit(inner["id"], path)
            return
        seen.add(number)
        path = f"{path}::{here['name']}" if path else here["name"]
        if kind == "module":
            for child in inner["items"]:
                yield from visit(child, path)
            return
        if "```" not in (here["docs"] or ""):
            yield path
        children = inner["items"] if kind == "trait" else []
        for number in inner.get("impls", []) if kind in ("struct", "enum", "union") else []:
            block = item(number)
            if block is not None and block["inner"]["impl"]["trait"] is None:
                children = children + block["inner"]["impl"]["items"]
        for child in children:
            if kind == "trait" or item(child)["visibility"] == "public":
                yield from visit(child, path)

    yield from visit(document["root"], "")


def test():
    """An item of each kind is found, behind re-exports too, and modules aren't."""

    def entry(name, kind, docs=None, **inner):
        return {"name": name, "docs": docs, "visibility": "public", "inner": {kind: inner}}

    index = {
        "0": entry("root", "module", items=[1, 2, 6]),
        "1": entry("", "use", id=3, is_glob=False),
        "2": entry("Known", "struct", "```", impls=[4]),
        "3": entry("Hidden", "struct", "no example", impls=[]),
        "4": entry("", "impl", trait=None, items=[5]),
        "5": entry("method", "function"),
        "6": entry("", "use", id=99, is_glob=False),
    }
    assert list(missing({"root": 0, "index": index})) == ["root::Hidden", "root::Known::method"]


test()
with open(sys.argv[1], encoding="utf-8") as file:
    found = list(missing(json.load(file)))
for name in found:
    print(f"no example: {name}")
sys.exit(1 if found else 0)
