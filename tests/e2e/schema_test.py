#!/usr/bin/env python3
"""The shipped JSON Schema is what `sluice schema` prints.

    schema_test.py SLUICE SOURCE_FOLDER
"""
import json
import subprocess
import sys
from pathlib import Path

CONNECTORS = ("activecampaign", "chargebee", "file")
AGAIN = ("sluice schema " + " ".join(f"--connector {name}" for name in CONNECTORS) +
         " | jq . > configs/schema/integration.schema.json")


def main():
    program, root = sys.argv[1], Path(sys.argv[2])
    options = [word for name in CONNECTORS for word in ("--connector", name)]
    printed = json.loads(subprocess.run([program, "schema", *options], check=True, capture_output=True).stdout)
    shipped = json.loads((root / "configs/schema/integration.schema.json").read_text())
    if printed != shipped:
        sys.exit(f"configs/schema/integration.schema.json is stale; write it anew: {AGAIN}")
    print("ok: the shipped schema is the one that is printed")


if __name__ == "__main__":
    main()
