#!/usr/bin/env python3
"""Checks what `cargo metadata` prints, on standard input, against deny.toml: licences, sources,
wildcards and duplicate versions. Fails with a line for each violation."""
import collections
import json
import re
import sys
import tomllib


def licence_is_allowed(expression, allowed):
    """Evaluates an SPDX expression with AND, OR and parentheses; `A/B` is an old form of `A OR B`."""
    tokens = re.findall(r"[()]|[\w.+-]+(?: WITH [\w.+-]+)?", expression.replace("/", " OR "))
    if not tokens:
        return False
    words = []
    for token in tokens:
        if token in ("(", ")"):
            words.append(token)
        elif token in ("AND", "OR"):
            words.append(token.lower())
        else:
            words.append(str(token in allowed))
    return bool(eval(" ".join(words), {"__builtins__": {}}))  # only and, or, True, False, ( )


def violations(metadata, limits):
    """Yields a line for each violation."""
    allowed = set(limits["licenses"]["allow"])
    registries = {"registry+" + url for url in limits["sources"]["allow-registry"]}
    skipped = [(entry["name"], entry["version"] + ".") for entry in limits["bans"].get("skip", [])]
    versions = collections.defaultdict(set)
    for package in metadata["packages"]:
        name = f"{package['name']} {package['version']}"
        versions[package["name"]].add(package["version"])
        if not licence_is_allowed(package["license"] or "", allowed):
            yield f"{name}: licence {package['license']} is not allowed"
        if package["source"] is not None and package["source"] not in registries:
            yield f"{name}: source {package['source']} is not allowed"
        if package["source"] is None:
            for dependency in package["dependencies"]:
                if dependency["req"] == "*" and dependency.get("path") is None:
                    yield f"{name}: {dependency['name']} has no version"
    for name, found in sorted(versions.items()):
        counted = {v for v in found if not any(name == n and f"{v}.".startswith(prefix) for n, prefix in skipped)}
        if len(counted) > 1:
            yield f"{name}: versions {', '.join(sorted(found))}"


def test():
    """The checks find what they are for."""
    limits = {"licenses": {"allow": ["MIT"]}, "sources": {"allow-registry": ["https://x"]}}
    limits["bans"] = {"skip": [{"name": "b", "version": "1"}]}

    def package(**other):
        return {"name": "a", "version": "1", "license": "MIT", "source": None, "dependencies": []} | other

    def found(*packages):
        return len(list(violations({"packages": packages}, limits)))

    assert found(package()) == 0
    assert found(package(license="MIT OR GPL-3.0")) == 0
    assert found(package(license="(MIT OR GPL-3.0) AND ISC")) == 1
    assert found(package(license="MIT WITH x OR GPL-3.0")) == 1
    assert found(package(license="ISC WITH x OR MIT")) == 0
    assert found(package(license=None)) == 1
    assert found(package(source="git+https://y")) == 1
    assert found(package(), package(version="2")) == 1
    assert found(package(name="b", version="1.4"), package(name="b", version="2.0")) == 0
    assert found(package(name="b", version="11.4"), package(name="b", version="2.0")) == 1
    assert found(package(dependencies=[{"name": "b", "req": "*"}])) == 1


test()
with open("deny.toml", "rb") as file:
    lines = list(violations(json.load(sys.stdin), tomllib.load(file)))
for line in lines:
    print(line)
sys.exit(1 if lines else 0)
