#!/usr/bin/env python3
"""A connector's class that is not what it must be does not compile, and the error says what was expected: the text
that the file's first line names.

    compile_fail_test.py SOURCE_FOLDER COMPILER [FLAG…]
"""
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def problem_of(file, command):
    first = file.read_text().partition("\n")[0]
    done = subprocess.run([*command, "-std=c++20", "-Wall", "-Wextra", "-fsyntax-only", str(file)],
                          capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    if first == "// compiles":
        return f"does not compile:\n{done.stderr}" if done.returncode != 0 or done.stderr else None
    expected = re.fullmatch(r"// expect: (.+)", first)
    if not expected:
        return "has no first line `// compiles` or `// expect: TEXT`"
    if done.returncode == 0:
        return "compiles, though it must not"
    # Compilers escape quotes in the text of a static_assert, or do not.
    if expected.group(1) not in done.stderr.replace('\\"', '"'):
        return f"is not refused with `{expected.group(1)}`, but with:\n{done.stderr[:3000]}"
    return None


def main():
    files = sorted(Path(sys.argv[1]).glob("*.cpp"))
    with ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(lambda file: problem_of(file, sys.argv[2:]), files))
    for file, problem in zip(files, problems):
        if problem:
            print(f"{file.name} {problem}")
    if not files or any(problems):
        sys.exit(1)
    print(f"ok: {len(files)} files")


if __name__ == "__main__":
    main()
