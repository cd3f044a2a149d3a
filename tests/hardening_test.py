#!/usr/bin/env python3
"""The check of hardened files finds each protection that is missing, and passes a file that has them all."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CHECK = Path(__file__).resolve().parent.parent / ".ci" / "check_hardening"
PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#ifdef ADDRESS_IN_CODE
__asm__(".text\n.quad main\n");
#endif
int main(int argc, char** argv) {
  char text[64];
  strncpy(text, argv[argc - 1], (size_t)argc * 8);
  puts(text);
  return 0;
}
"""
GOOD = ["-O2", "-fPIE", "-pie", "-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3",
        "-Wl,-z,relro,-z,now", "-Wl,-z,noexecstack"]
# What is added to, or put in the place of, the good flags: what the check must say.
BAD = {
    "not position-independent": ["-fno-pie", "-no-pie"],
    "an executable stack": ["-Wl,-z,execstack"],
    "relocations in code": ["-DADDRESS_IN_CODE", "-Wl,-z,notext"],
    "no read-only relocations": ["-Wl,-z,norelro"],
    "functions are bound late": ["-Wl,-z,lazy"],
    "a search path for libraries: /tmp/x": ["-Wl,-rpath,/tmp/x"],
    "no stack protector": ["-fno-stack-protector"],
    "no checked functions": ["-U_FORTIFY_SOURCE"],
}


def check(*arguments):
    done = subprocess.run([CHECK, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def expect(condition, *what):
    if not condition:
        print("FAILED:", *what)
        sys.exit(1)


def main():
    compiler = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="sluice-hardening-") as folder:
        source, program = Path(folder) / "program.c", Path(folder) / "program"
        source.write_text(PROGRAM)

        def build(*flags):
            subprocess.run([compiler, *GOOD, *flags, source, "-o", program], check=True, stderr=subprocess.DEVNULL)

        build()
        code, said = check("--optimised", program)
        expect(code == 0, "a good program is refused:", said)
        for words, flags in BAD.items():
            build(*flags)
            code, said = check("--optimised", program)
            expect(code == 1 and words in said, f"{flags} must be found as \"{words}\":", code, said)
        (Path(folder) / "CMakeCache.txt").write_text("CMAKE_BUILD_TYPE:STRING=Release\n")
        commands = Path(folder) / "compile_commands.json"
        commands.write_text("[]")
        code, said = check(folder)
        expect(code == 1 and "nothing to check" in said, "a directory without programs passes:", said)
        commands.write_text(json.dumps([{"file": "a.cpp", "command": "c++ -O2 -c a.cpp"}]))
        code, said = check(folder)
        expect(code == 1 and "a.cpp: compiled without -fstack-clash-protection" in said, "a missing flag passes:", said)
    print(f"ok: {len(BAD)} missing protections are found")


if __name__ == "__main__":
    main()
