#!/usr/bin/env bash
# The whole path from Chargebee to ActiveCampaign in a minute, against both sandboxes.
#
#   demo.sh BIN_DIR [CUSTOMERS]
#
# Nothing leaves this machine; everything is written to a temporary folder that is removed.
set -euo pipefail

bin=$(cd "${1:?the folder of the programs}" && pwd)
customers=${2:-1000}
here=$(cd "$(dirname "$0")" && pwd)
oracle=$here/../harness/oracle.py
work=$(mktemp -d)
pids=()

stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT

bold=''; dim=''; plain=''
if [ -t 1 ]; then bold=$'\e[1m'; dim=$'\e[2m'; plain=$'\e[0m'; fi

steps=9
step=0
say() { printf '%s\n' "$*"; }
begin() { step=$((step + 1)); printf '\n%sstep %d/%d  %s%s\n' "$bold" "$step" "$steps" "$1" "$plain"; }
fail() { printf '\nThe demo failed: %s\n' "$1" >&2; exit 1; }

# Runs a command of `sluice` as a user would; the first argument is the exit code that is right.
run() {
  local wanted=$1 code=0
  shift
  printf '%s$ sluice %s%s\n' "$dim" "$*" "$plain"
  "$bin/sluice" "$@" || code=$?
  [ "$code" -eq "$wanted" ] || fail "\`sluice $*\` ended with $code instead of $wanted"
}

# Starts a sandbox and waits for the address that it prints.
start() {
  local name=$1 line pipe
  shift
  pipe=$work/$name.url
  mkfifo "$pipe"
  "$bin/sluice-sandbox-$name" --port 0 "$@" >"$pipe" &
  pids+=($!)
  IFS= read -r line <"$pipe" || fail "the $name sandbox did not start"
  url=$line
}

mutate() {
  python3 - "$1" "$2" <<'PYTHON'
import sys, urllib.request
request = urllib.request.Request(sys.argv[1] + "/_sandbox/mutate", sys.argv[2].encode())
urllib.request.urlopen(request).read()
PYTHON
}

# The source keys of the open errors whose message contains a text.
failing() {
  "$bin/sluice" errors list integration.yaml --json | python3 -c '
import json, sys
print(next(row["key"] for row in json.load(sys.stdin)["errors"] if sys.argv[1] in row["message"]))' "$1"
}

cp "$here/integration.yaml" "$work/"
cd "$work"
start chargebee --customers "$customers"
export CHARGEBEE_URL=$url CHARGEBEE_API_KEY=sandbox-key
start activecampaign
export ACTIVECAMPAIGN_URL=$url ACTIVECAMPAIGN_API_KEY=sandbox-key
export SLUICE_STATE=$work/state XDG_STATE_HOME=$work/xdg

say "A Chargebee site with $customers customers runs at $CHARGEBEE_URL,"
say "an empty ActiveCampaign account at $ACTIVECAMPAIGN_URL. Neither is real."

begin 'Do both sides answer, and does the file fit them?'
run 0 check integration.yaml

begin 'Read and check every customer; write nothing'
run 1 validate integration.yaml --csv errors.csv
say 'the first lines of errors.csv:'
head -n 4 errors.csv | cut -c1-110 | sed 's/^/  /'

begin 'Fix one of them at the source, and accept the others'
key=$(failing 'no valid e-mail address')
say "customer $key gets an e-mail address in Chargebee"
mutate "$CHARGEBEE_URL" \
  '{"set":[{"type":"customer","id":"'"$key"'","values":{"email":"found.again@example.com"}}]}'
run 0 validate integration.yaml -q
run 0 errors ignore integration.yaml --all

begin 'Create the missing fields, and deliver the 10 latest'
run 0 initial integration.yaml

begin 'Deliver everybody'
run 0 full integration.yaml

begin 'Meanwhile 25 customers change, and 3 are deleted'
mutate "$CHARGEBEE_URL" '{"update":25,"delete":3,"seed":7}'
run 0 incremental integration.yaml

begin 'Nothing has changed since: nothing is sent'
run 0 incremental integration.yaml

begin 'Do the numbers add up?'
python3 "$here/sums.py" "$CHARGEBEE_URL" "$ACTIVECAMPAIGN_URL" || fail 'the numbers do not add up'

begin 'An independent check of every contact and value at the destination'
python3 "$oracle" "$CHARGEBEE_URL" "$ACTIVECAMPAIGN_URL" || fail 'the destination is not as it must be'

cat <<'TEXT'

That was the whole path. With an account of your own:

  export CHARGEBEE_SITE=... CHARGEBEE_API_KEY=... ACTIVECAMPAIGN_URL=... ACTIVECAMPAIGN_API_KEY=...
  ./sluice check    configs/chargebee_to_activecampaign.yaml    # connects; writes nothing
  ./sluice validate configs/chargebee_to_activecampaign.yaml    # reads everything; writes nothing
  ./sluice initial  configs/chargebee_to_activecampaign.yaml    # the 10 latest, to look at
  ./sluice run      configs/chargebee_to_activecampaign.yaml    # then everything, then what changes
TEXT
