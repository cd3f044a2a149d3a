#!/usr/bin/env python3
"""Turns the plain comments of our headers into those that Doxygen reads. Its argument is a header; it prints it.

What stands before a declaration documents it, what follows one on the same line too, and the first comment of a file is
the file's. Signs that mean something to Doxygen are taken literally.
"""
import re
import sys

# Told apart from the comments of a macro's lines.
LINE = re.compile(r"^(\s*)//(?!/) ?(.*)$")
TRAILING = re.compile(r"^(.*\S)(\s+)// (.*)$")


def literal(text):
    return re.sub(r"([\\@#&$%<>\"|~`*_\[\]])", lambda sign: {"<": "&lt;", ">": "&gt;", "&": "&amp;", "`": "'"}.get(
        sign.group(1), sign.group(1) if sign.group(1) in "\"*_[]|~" else "\\" + sign.group(1)), text)


def c_comments(text):
    def convert(comment):
        body = comment.group(1)
        lines = [literal(line.strip().removeprefix("* ").strip()) for line in body.strip().splitlines()]
        start = text.rfind("\n", 0, comment.start()) + 1
        after_code = text[start:comment.start()].strip() != ""
        # Indented text would be taken for code.
        return ("/**< " if after_code else "/** ") + "\n".join(lines) + " */"
    return re.sub(r"/\*(.*?)\*/", convert, text, flags=re.S)


def cpp_comments(text):
    out, in_comment, first = [], False, True
    for line in text.splitlines():
        found = LINE.match(line)
        trailing = None if found or line.lstrip().startswith("#") else TRAILING.match(line)
        if found:
            if not in_comment and first:
                out.append("/// @file")
            first = False
            out.append(f"{found.group(1)}/// {literal(found.group(2).strip())}")
        elif trailing and '"' not in trailing.group(3):
            out.append(f"{trailing.group(1)}  ///< {literal(trailing.group(3))}")
        else:
            if in_comment and out[0] == "/// @file" and line.startswith("#"):
                out.append("")
            out.append(line)
        in_comment = bool(found)
    return "\n".join(out) + "\n"


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    sys.stdout.write(c_comments(text) if sys.argv[1].endswith(".h") else cpp_comments(text))


if __name__ == "__main__":
    main()
