#!/usr/bin/env python3
"""Figures about Rust files, one on each line: a name and a number.

    ci/layout/figures.py [--show NAME] FILE..

With `--show`, the places that one figure counts instead."""

import re
import sys

from rust import Source, closing

# What `cfg` calls systems.
SYSTEMS = set(
    "aix android apple cygwin dragonfly emscripten espidf freebsd fuchsia haiku hermit horizon hurd"
    " illumos ios l4re linux macos netbsd nto openbsd p1 p2 p3 redox solaris tvos visionos vita"
    " vxworks wasi wasip1 wasip2 wasip3 watchos windows unix gnu musl msvc uclibc ohos newlib".split()
)

# Words that stand for a mechanism that has a name in the field.
WORDS = set(
    "look looks looked looking told ask asks asked asking nap naps room rooms hot warm dear patience"
    " suspect suspects suspected hopeless hasty claims nature again later settle settles settled"
    " settling spent bell bells doorbell".split()
)
# Words that are no mechanism in a sentence, but would be as a name.
IN_SENTENCES = {"again", "later", "look", "looks", "asks"}
PHRASES = re.compile(r"\b(?:for ever|so many)\b", re.I)
LIMITS = {"MOST", "LONGEST", "FEWEST"}
# Whole identifiers that use such a word for what it means.
ALLOWED = {"is_later", "warm_up", "warm_up_time", "ERRNO_AGAIN", "AGAIN"}


def parts(name):
    """The words of an identifier: `SubscriptionList`, `subscription_list`."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)


def is_bad(name):
    """Does the identifier have a word that it shouldn't have?"""
    words = parts(name)
    return name not in ALLOWED and (
        any(word.lower() in WORDS for word in words)
        or "find_track" in name
        or (name.isupper() and not LIMITS.isdisjoint(words))
    )


def systems(source):
    """Quoted names of systems, in attributes and macros."""
    for line, text in source.strings:
        if text in SYSTEMS:
            yield line, text


def bad_names(source):
    """Identifiers with such words, and the file's own name; each once a file."""
    seen = set()
    for part in source.path.split("/")[1:]:
        if is_bad(part.removesuffix(".rs")):
            yield 0, part
    for line, name in source.identifiers():
        if name not in seen and is_bad(name):
            seen.add(name)
            yield line, name


def bad_comments(source):
    """Lines of comments with such words; what stands in backquotes is code."""
    for line, text in source.comments:
        text = re.sub(r"`[^`]*`|\bwarm-up\b", "", text)
        if PHRASES.search(text) or not (WORDS - IN_SENTENCES).isdisjoint(re.findall(r"[a-z]+", text.lower())):
            yield line, text.strip()


def attributes(source):
    """First line, last line and code of each attribute that allows what is unused."""
    for match in re.finditer(r"#!?\[", source.code):
        end = closing(source.code, match.end() - 1)
        code = source.code[match.start() : end]
        if re.search(r"\ballow\([^)]*(?<!::)\b(?:dead_code|unused)", code):
            yield source.line(match.start()), source.line(end), " ".join(code.split())


def allowed(source):
    """Attributes that allow what is unused."""
    for first, _, code in attributes(source):
        yield first, code


def allowed_silently(source):
    """The same, without a comment in their lines or the one before."""
    commented = {line for line, text in source.comments if re.match(r"//[^/!]", text)}
    for first, last, code in attributes(source):
        if commented.isdisjoint(range(first - 1, last + 1)):
            yield first, code


def inner_cfgs(source):
    """`cfg` inside of functions."""
    for name, first, _, body in source.functions():
        for match in re.finditer(r"#!?\[cfg|\bcfg!\(", body):
            yield first + body.count("\n", 0, match.start()), name


def long_functions(source):
    for name, first, last, _ in source.functions():
        if last - first >= 60:
            yield first, f"{name}: {last - first + 1}"


LISTS = {
    "systems": systems,
    "names": bad_names,
    "comments": bad_comments,
    "allowed": allowed,
    "allowed_silently": allowed_silently,
    "inner_cfgs": inner_cfgs,
    "long_functions": long_functions,
}


def main():
    arguments = sys.argv[1:]
    shown = None
    if arguments and arguments[0] == "--show":
        shown, arguments = arguments[1], arguments[2:]
    sources = [Source(path) for path in arguments]
    for name, found in LISTS.items():
        places = [(source.path, *place) for source in sources for place in found(source)]
        if shown == name:
            for path, line, text in places:
                print(f"{path}:{line}: {text}")
        elif shown is None:
            print(name, len(places))
    lengths = sorted(last - first + 1 for source in sources for _, first, last, _ in source.functions())
    if shown is None:
        print("functions", len(lengths))
        print("function_p90", lengths[len(lengths) * 9 // 10] if lengths else 0)
        print("function_longest", lengths[-1] if lengths else 0)


if __name__ == "__main__":
    main()
