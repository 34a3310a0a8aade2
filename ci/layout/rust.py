"""Rust source as the checks of ci/layout.sh need it: code without comments and the
contents of strings, the comments, the identifiers, and the bodies of functions."""

import re
from pathlib import Path

IDENTIFIER = re.compile(r"\b(?:r#)?[A-Za-z_][A-Za-z0-9_]*\b")
TOKEN = re.compile(r"'?[A-Za-z_][A-Za-z0-9_]*|::|=>|->|[^\sA-Za-z0-9_]|[0-9][A-Za-z0-9_.]*")
# A comment, a string, or a character; a lifetime is none of them.
LITERAL = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*)
      | (?P<raw>\b[bc]?r(?P<hashes>\#*)"(?P<rawtext>.*?)"(?P=hashes))
      | (?P<string>[bc]?"(?P<text>(?:\\.|[^"\\])*)")
      | (?P<char>b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])')""",
    re.S | re.X,
)


class Source:
    """One file.

    `code` has the length of the text, with comments and what stands in quotes blanked;
    `comments` and `strings` are pairs of a line number and a text."""

    def __init__(self, path):
        self.path = str(path)
        self.text = Path(path).read_text()
        self.comments = []
        self.strings = []
        parts = []
        at = 0
        while match := LITERAL.search(self.text, at):
            begin, end = match.span()
            if match["block"]:
                end = self._end_of_block(begin)
            blank = re.sub(r"[^\n]", " ", self.text[begin:end])
            line = self.line(begin)
            if match["line"] or match["block"]:
                for number, text in enumerate(self.text[begin:end].split("\n")):
                    self.comments.append((line + number, text))
            elif match["char"] is None:
                self.strings.append((line, match["rawtext"] or match["text"] or ""))
                blank = '"' + blank[1:-1] + '"'
            parts += [self.text[at:begin], blank]
            at = end
        self.code = "".join([*parts, self.text[at:]])

    def _end_of_block(self, begin):
        depth = 0
        for mark in re.finditer(r"/\*|\*/", self.text[begin:]):
            depth += 1 if mark[0] == "/*" else -1
            if depth == 0:
                return begin + mark.end()
        return len(self.text)

    def line(self, offset):
        """The line number of an offset, from 1."""
        return self.text.count("\n", 0, offset) + 1

    def identifiers(self):
        """Pairs of line number and identifier, in code."""
        for match in IDENTIFIER.finditer(self.code):
            yield self.line(match.start()), match[0]

    def functions(self):
        """Name, first line and last line of each function with a body, and its body."""
        for match in re.finditer(r"\bfn\s+(?:r#)?(\w+)", self.code):
            begin = self._body(match.end())
            if begin is not None:
                end = closing(self.code, begin)
                yield match[1], self.line(match.start()), self.line(end), self.code[begin : end + 1]

    def _body(self, at):
        """Where the body of a function begins whose name ends here; None without one."""
        depth = 0
        for offset in range(at, len(self.code)):
            char = self.code[offset]
            if char in "([":
                depth += 1
            elif char in ")]":
                depth -= 1
            elif depth == 0 and char == "{":
                return offset
            elif depth == 0 and char == ";":
                return None
        return None


def closing(code, begin):
    """The offset of the bracket that closes the one at `begin`."""
    depth = 0
    for offset in range(begin, len(code)):
        if code[offset] in "([{":
            depth += 1
        elif code[offset] in ")]}":
            depth -= 1
            if depth == 0:
                return offset
    raise SystemExit(f"a bracket is not closed: {code[begin:begin + 60]!r}")
