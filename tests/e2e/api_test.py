#!/usr/bin/env python3
"""The HTTP API of `sluice serve` against its contract: every operation is there, every answer fits its schema, and nobody
gets in without a token, with one that may only read, or from a page of another origin."""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))
from processes import start  # noqa: E402
from program import require, run  # noqa: E402
from sandbox import Failure, Sandbox, bin_dir  # noqa: E402

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"left out: python3-{missing.name} is not installed")
    sys.exit(77)

DEADLINE = 200
CONTRACT = yaml.safe_load((ROOT / "host/serve/openapi.yaml").read_text())
HOSTILE = "<script>alert(1)</script>"
FILE = """
integration: people
source: {connector: file, path: people.ndjson, key: id}
destination: {connector: file, path: out.ndjson}
schedule: {every: 6h}
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email}
    check: [{that: .ok, say: not good}]
    fields: {email: .email}
"""


def operations():
    for path, item in CONTRACT["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete"):
                yield method.upper(), path, operation


def resolve(node):
    while "$ref" in node:
        target = CONTRACT
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def operation_of(method, path):
    # Paths without parameters first.
    for known in sorted(CONTRACT["paths"], key=lambda known: "{" in known):
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(known))
        if re.fullmatch(pattern, path) and method.lower() in CONTRACT["paths"][known]:
            return CONTRACT["paths"][known][method.lower()]
    return None


class Client:
    def __init__(self, port):
        self.port, self.seen = port, set()

    def ask(self, method, path, body=None, token=None, own=True, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if own and method != "GET":
            headers["Sluice-Request"] = "1"
        data = None if body is None else json.dumps(body)
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        self.headers = dict(answer.getheaders())
        connection.close()
        return answer.status, self.fits(method, path.partition("?")[0], answer, text)

    def fits(self, method, path, answer, text):
        """The answer's body, once it is known to be as the contract says."""
        operation = operation_of(method, path)
        kind = (answer.getheader("Content-Type") or "").partition(";")[0]
        content = json.loads(text) if kind.endswith("json") else text
        if kind == "application/problem+json":
            self.validate({"$ref": "#/components/schemas/Problem"}, content, f"{method} {path}")
        if operation is None or answer.status == 404 and content["detail"].startswith("there is no /"):
            return content
        described = operation["responses"].get(str(answer.status))
        require(described is not None, f"{method} {path}: {answer.status} is not described: {text}")
        self.seen.add(operation["operationId"])
        contents = resolve(described).get("content")
        if not contents:
            require(not text, f"{method} {path}: a body that is not described: {text}")
            return content
        require(kind in contents, f"{method} {path}: {kind} is not described")
        if kind == "application/json":
            self.validate(contents[kind]["schema"], content, f"{method} {path}")
        return content

    @staticmethod
    def validate(schema, content, what):
        whole = {**schema, "components": CONTRACT["components"]}
        for error in jsonschema.Draft202012Validator(whole).iter_errors(content):
            raise Failure(f"{what}: {error.json_path}: {error.message[:300]}")

    def expect(self, status, method, path, body=None, **more):
        found, content = self.ask(method, path, body, **more)
        require(found == status, f"{method} {path}: {found} instead of {status}: {content}")
        return content


def who_may(client, viewer, operator):
    status, _ = client.ask("GET", "/healthz")
    require(status == 200, "healthz needs no token")
    for method, path, operation in operations():
        path = path.replace("{name}", "people")
        if "security" in operation:
            continue
        client.expect(401, method, path)
        client.expect(401, method, path, token=viewer + "x")
        if method == "GET" and "403" in operation["responses"]:
            problem = client.expect(403, method, path, token=viewer)
            require(problem["code"] == "forbidden", problem)
        if method != "GET" and operation["operationId"] != "closeSession":
            client.expect(403, method, path, token=viewer)
            problem = client.expect(403, method, path, body={}, token=operator, own=False)
            require(problem["code"] == "foreign_request", problem)
            client.expect(403, method, path, body={}, token=operator, Origin="http://evil.example")
    client.expect(401, "GET", "/api/v1/nothing")
    client.expect(404, "GET", "/api/v1/nothing", token=viewer)
    client.expect(403, "GET", "/api/v1/nothing", token=viewer, Host="evil.example")
    client.expect(404, "GET", "/api/v1/integrations/nobody/status", token=viewer)
    client.ask("DELETE", "/api/v1/integrations", token=operator)


def hooks(client, operator, sender):
    """The file connector's vendor sends none; hooks_test.py has one that does."""
    event = {"id": "ev_1"}

    def basic(token):
        return "Basic " + base64.b64encode(f"anybody:{token}".encode()).decode()
    client.expect(409, "POST", "/hooks/people", event, own=False, Authorization=basic(sender))
    client.expect(409, "POST", f"/hooks/people/{sender}", event, own=False)
    for authorization in (basic(operator), basic(sender + "x"), "Basic ?", f"Bearer {sender}", ""):
        client.expect(401, "POST", "/hooks/people", event, own=False, Authorization=authorization)
    require("Basic" in client.headers["WWW-Authenticate"], client.headers)
    for path in (f"/hooks/others/{sender}", f"/hooks/people/{operator}", "/hooks/people/x"):
        client.expect(401, "POST", path, event, own=False)
    client.expect(413, "POST", "/hooks/people", {"id": "x" * 1_100_000}, own=False, Authorization=basic(sender))
    # It hands in events and may do nothing else.
    client.expect(401, "GET", "/api/v1/integrations", token=sender)
    client.expect(401, "POST", "/api/v1/session", {"token": sender})


def dashboard(client):
    """Its files need no token, and carry a policy without anything inline; what is not there needs one to be told so."""
    page = client.expect(200, "GET", "/")
    require("<html" in page, page)
    policy = client.headers["Content-Security-Policy"]
    require("script-src 'self'" in policy and "unsafe" not in policy, policy)
    client.expect(304, "GET", "/", If_None_Match=client.headers["ETag"])
    for path in re.findall(r'(?:src|href)="\.?/?([^"#:]+\.(?:js|css))"', page):
        client.expect(200, "GET", f"/{path}")
    client.expect(401, "GET", "/nothing.js")
    client.expect(401, "GET", "/../etc/passwd")


def session(client, viewer):
    client.expect(401, "POST", "/api/v1/session", {"token": "wrong"})
    client.expect(200, "POST", "/api/v1/session", {"token": viewer})
    line = client.headers["Set-Cookie"]
    require("HttpOnly" in line and "SameSite=Strict" in line, line)
    cookie = line.partition(";")[0]
    found = client.expect(200, "GET", "/api/v1/session", Cookie=cookie)
    require(found["role"] == "viewer" and found["expires"], found)
    client.expect(204, "DELETE", "/api/v1/session", Cookie=cookie)
    client.expect(401, "GET", "/api/v1/session", Cookie=cookie)


def wait_for_end(client, token, count):
    while True:
        status = client.expect(200, "GET", "/api/v1/integrations/people/status", token=token)
        runs = [run for run in status["runs"] if run["ended"]]
        if not status["running"] and len(runs) >= count:
            return status
        time.sleep(0.1)


def events(port, token, count):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/api/v1/integrations/people/progress", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    require(answer.getheader("Content-Type") == "text/event-stream", "no event stream")
    found = []
    while len(found) < count:
        line = answer.readline().decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
            data = json.loads(answer.readline().decode()[6:])
            if name != "idle":
                schema = {"progress": "Progress", "ended": "Ended"}[name]
                Client.validate({"$ref": f"#/components/schemas/{schema}"}, data, f"event {name}")
            found.append(name)
    connection.close()
    return found


def whole_path(client, viewer, operator):
    base = "/api/v1/integrations"
    overview = client.expect(200, "GET", base, token=viewer)
    require([row["integration"] for row in overview["integrations"]] == ["people"], overview)
    require(len(overview["problems"]) == 1 and "broken.yaml" in overview["problems"][0]["file"], overview)
    base += "/people"
    client.expect(200, "GET", base, token=viewer)
    client.expect(200, "GET", f"{base}/file", token=viewer)
    client.expect(200, "GET", "/api/v1/connectors", token=viewer)
    contract = client.expect(200, "GET", "/api/v1/openapi.yaml", token=viewer)
    require(contract == (ROOT / "host/serve/openapi.yaml").read_text(), "the contract that is served is another")
    client.expect(200, "GET", "/readyz", token=viewer)
    client.expect(200, "POST", f"{base}/check", token=operator)
    require(events(client.port, viewer, 1) == ["idle"], "an idle integration does not say so")
    require(client.expect(409, "POST", f"{base}/stop", token=operator)["code"] == "refused", "nothing to stop")
    require(client.expect(200, "GET", f"{base}/plan", token=viewer)["state"] == "none", "a plan that nobody made")
    client.expect(404, "GET", f"{base}/record", token=viewer)
    client.expect(422, "POST", f"{base}/runs", {"stage": "all"}, token=operator)
    client.expect(422, "POST", f"{base}/runs", {"stage": "next", "verify": True}, token=operator)
    client.expect(422, "POST", f"{base}/runs", {"stag": "next"}, token=operator)
    done = [entry["action"] for entry in client.expect(200, "GET", f"{base}/status", token=viewer)["decisions"]]
    require(done == [], f"nothing has been decided yet: {done}")
    count = 0
    for stage in ("validate", "initial", "full", "incremental"):
        # Validation finds errors, which the gate to `initial` is closed for.
        client.expect(202, "POST", f"{base}/runs", {"stage": stage, "force": stage != "validate"}, token=operator)
        count += 1
        status = wait_for_end(client, viewer, count)
        require(status["runs"][0]["stage"] == stage, f"{stage} was next, not {status['runs'][0]}")
    require(status["state"] == "active" and status["next_run"], status)
    starts = [entry for entry in status["decisions"] if entry["action"] == "start"]
    require([entry["detail"] for entry in starts] == ["incremental --force", "full --force", "initial --force", "validate"]
            and {entry["who"] for entry in starts} == {"op"}, f"who started what: {status['decisions']}")
    require([step["state"] for step in status["steps"]] == ["done"] * 6, status["steps"])
    runs = client.expect(200, "GET", f"{base}/runs?limit=3", token=viewer)
    rest = client.expect(200, "GET", f"{base}/runs?limit=3&before={runs['next']}", token=viewer)
    require(len(runs["runs"]) == 3 and len(rest["runs"]) == 1 and rest["next"] is None, (runs, rest))
    metrics = client.expect(200, "GET", "/metrics", token=viewer)
    for line in ('sluice_runs_total{integration="people",stage="full",result="', "sluice_integrations_broken 1",
                 'sluice_records_total{integration="people",sync="people",outcome="delivered"}',
                 'sluice_cursor_age_seconds{integration="people"}'):
        require(line in metrics, f"{line} is not in {metrics}")
    client.expect(202, "POST", f"{base}/plan", {"stage": "full"}, token=operator)
    while client.expect(200, "GET", f"{base}/plan", token=viewer)["state"] == "running":
        time.sleep(0.1)
    require(client.expect(200, "GET", f"{base}/plan", token=viewer)["state"] == "done", "the plan failed")
    record = client.expect(200, "GET", f"{base}/record", token=viewer)
    client.expect(200, "GET", f"{base}/record?offline=true&key={record['key']}", token=viewer)
    client.expect(404, "GET", f"{base}/record?key=nobody", token=viewer)


def settle(client, viewer, operator, listed):
    base = "/api/v1/integrations/people/errors"
    found = client.expect(200, "GET", f"{base}?limit=2", token=viewer)
    require(found["count"] == 3 and len(found["errors"]) == 2 and found["next"], found)
    after = quote(found["next"])
    rest = client.expect(200, "GET", f"{base}?limit=2&after={after}", token=viewer)
    require(len(rest["errors"]) == 1 and rest["next"] is None, rest)
    keys = [row["key"] for row in found["errors"] + rest["errors"]]
    require(HOSTILE in keys, "the hostile key is not as it is")
    require(client.expect(200, "GET", f"{base}?q=SCRIPT", token=viewer)["count"] == 1, "search in any case")
    require(client.expect(200, "GET", f"{base}?message=not%20good", token=viewer)["count"] == 3, "by message")
    require(client.expect(200, "GET", f"{base}?stage=write", token=viewer)["count"] == 0, "by stage")
    client.expect(422, "GET", f"{base}?stage=other", token=viewer)
    client.expect(422, "GET", f"{base}?limit=0", token=viewer)
    client.expect(422, "GET", f"{base}?after=x", token=viewer)
    causes = client.expect(200, "GET", f"{base}/causes", token=viewer)
    require(causes["count"] == 3 and len(causes["causes"]) == 1, causes)
    table = client.expect(200, "GET", f"{base}.csv", token=viewer)
    require(table.count("\r\n") == 4, table)
    client.expect(422, "POST", f"{base}/ignore", {}, token=operator)
    client.expect(422, "POST", f"{base}/ignore", {"all": True, "code": "x"}, token=operator)
    done = client.expect(200, "POST", f"{base}/ignore", {"keys": [HOSTILE], "why": "known"}, token=operator)
    require(done == {"done": True, "affected": 1}, done)
    ignored = client.expect(200, "GET", f"{base}?state=ignored", token=viewer)
    require(ignored["errors"][0]["decided_by"] == "op" and ignored["errors"][0]["decided_why"] == "known", ignored)
    require(listed("--ignored") == ignored["errors"], "`sluice errors list --json` tells it otherwise than the service")
    done = client.expect(200, "POST", f"{base}/retry", {"message": "not good"}, token=operator)
    require(done["affected"] == 3, done)


SECRET = "s3cret-typed-in-plain"


def side(client, **options):
    return {"connector": "chargebee", "role": "source",
            "options": {"site": "acme", "api_key": "sandbox-key", "base_url": client.sandbox, **options}}


def pointers(problem):
    return {error["pointer"]: error["detail"] for error in problem.get("errors", [])}


def connections(client, viewer, operator):
    """One side by itself: the vendor's answer, or what is wrong and where."""
    base = "/api/v1/wizard"
    found = client.expect(200, "POST", f"{base}/check", side(client), token=operator)
    require("acme" in found["title"].lower(), found)
    client.expect(200, "POST", f"{base}/check", side(client, api_key="${CHARGEBEE_KEY}"), token=operator)
    found = client.expect(200, "POST", f"{base}/discover", side(client), token=operator)
    require("customers" in [stream["name"] for stream in found["streams"]], found)
    destination = {"connector": "activecampaign", "role": "destination",
                   "options": {"url": client.other_sandbox, "api_key": "sandbox-key"}}
    found = client.expect(200, "POST", f"{base}/discover", destination, token=operator)
    contacts = next(each for each in found["objects"] if each["name"] == "contacts")
    require("Customers" in contacts["options"]["properties"]["list"]["examples"], "the account's lists are no choices")
    require("email" in [field["name"] for field in contacts["fields"]], "the account's fields are no choices")
    # A key that the vendor refuses, an address where nobody is, what is no side at all.
    for wrong in (side(client, api_key=SECRET), side(client, base_url="http://127.0.0.1:1")):
        problem = client.expect(502, "POST", f"{base}/check", wrong, token=operator)
        require(problem["code"] == "connect" and SECRET not in json.dumps(problem), problem)
        client.expect(502, "POST", f"{base}/discover", wrong, token=operator)
    for wrong, pointer in (({"connector": "nobody", "role": "source", "options": {}}, "/connector"),
                           ({"connector": "activecampaign", "role": "source", "options": {}}, "/connector"),
                           ({"connector": "chargebee", "role": "both", "options": {}}, "/role"),
                           ({"connector": "chargebee", "role": "source", "options": {"site": "acme"}}, "/options/api_key"),
                           (side(client, nothing=1), "/options/nothing"),
                           (side(client, base_url=7), "/options/base_url"),
                           (side(client, worker={"read": ["/etc"]}), "/options/worker"),
                           (side(client, api_key="${file:/etc/hostname}"), "/options/api_key"),
                           (side(client, ca_file="${file:/etc/hostname}"), "/options/ca_file")):
        for operation in ("check", "discover"):
            problem = client.expect(422, "POST", f"{base}/{operation}", wrong, token=operator)
            require(pointer in pointers(problem), f"{wrong}: {problem}")
    problem = client.expect(422, "POST", f"{base}/check", side(client, api_key="${NOT_SET_ANYWHERE}"), token=operator)
    require("NOT_SET_ANYWHERE" in problem["detail"], problem)
    presets = client.expect(200, "GET", f"{base}/presets", token=viewer)["presets"]
    require("own" in [preset["name"] for preset in presets], presets)
    require("Nobody's" in next(preset for preset in presets if preset["name"] == "own")["description"], presets)


def draft(client, name="from-wizard"):
    return {"integration": name,
            "source": {"connector": "chargebee", "options": side(client, api_key=SECRET)["options"]},
            "destination": {"connector": "file", "options": {"path": f"{name}.out.ndjson"}},
            "schedule": {"cron": "30 2 * * *", "timezone": "Europe/Berlin"},
            "syncs": [{"name": "customers", "read": {"stream": "customers", "options": {"gift_purchasers": True}},
                       "write": {"object": "records", "match": "email", "on_delete": "mark"},
                       "preset": "own", "filter": '.customer.email != "a: b # c"',
                       "fields": [{"name": "na: me", "value": ".customer.first_name"},
                                  {"name": "MRR", "value": ".subscription.mrr", "type": "number", "null": "clear"}],
                       "checks": [{"that": ".customer.email | is_email", "say": "no: address"}],
                       "rules": [{"when": "true", "set": {"tags": ["a, b"]}}]}]}


def new_file(client, viewer, operator, configs):
    base = "/api/v1/wizard"
    before = sorted(path.name for path in configs.iterdir())
    shown = client.expect(200, "POST", f"{base}/render", draft(client), token=operator)
    require(shown["ok"] and not shown["exists"] and shown["file"] == "from-wizard.yaml", shown)
    require(shown["diagnostics"] == [], shown["diagnostics"])
    require(shown["secrets"] == ["secrets/from-wizard.source.api_key"], shown)
    require("${file:secrets/from-wizard.source.api_key}" in shown["text"] and SECRET not in shown["text"], shown["text"])
    require(sorted(path.name for path in configs.iterdir()) == before, "showing a file has written one")
    # What lint finds is told with its place, and keeps the file from being written.
    wrong = draft(client)
    wrong["syncs"][0]["fields"][0]["value"] = ".customer |"
    shown = client.expect(200, "POST", f"{base}/render", wrong, token=operator)
    require(not shown["ok"] and "from-wizard.yaml:" in shown["diagnostics"][0], shown)
    problem = client.expect(422, "POST", f"{base}/files", wrong, token=operator)
    require(problem["diagnostics"] == shown["diagnostics"], problem)
    for change, pointer in (({"integration": "../people"}, "/integration"), ({"integration": ""}, "/integration"),
                            ({"schedule": "sometimes"}, "/schedule"), ({"syncs": []}, "/syncs"),
                            ({"more": 1}, "/more"), ({"source": {"connector": "chargebee", "options": {}}}, "/source/options/api_key"),
                            ({"syncs": draft(client)["syncs"] * 2}, "/syncs/1/name")):
        for operation in ("render", "files"):
            problem = client.expect(422, "POST", f"{base}/{operation}", {**draft(client), **change}, token=operator)
            if change != {"more": 1}:
                require(pointer in pointers(problem), f"{change}: {problem}")
    # What is there stays as it is; the change is told.
    text = (configs / "people.yaml").read_text()
    for name in ("people", "broken"):
        shown = client.expect(200, "POST", f"{base}/render", draft(client, name), token=operator)
        require(shown["exists"], shown)
        problem = client.expect(409, "POST", f"{base}/files", draft(client, name), token=operator)
        require(problem["code"] == "exists" and problem.get("diff") == shown.get("diff"), problem)
    require((configs / "people.yaml").read_text() == text, "an existing file has been changed")
    require(not (configs / "secrets").exists(), "a secret has been written for a file that was not")
    shown = client.expect(200, "POST", f"{base}/render", draft(client, "people"), token=operator)
    require(patched(configs, shown["diff"], "people.yaml") == shown["text"], "the diff does not make the file that is shown")

    made = client.expect(201, "POST", f"{base}/files", draft(client), token=operator)
    require(made == {"integration": "from-wizard", "file": "from-wizard.yaml"}, made)
    shown = client.expect(200, "POST", f"{base}/render", draft(client, "people"), token=operator)
    secret = configs / "secrets" / "from-wizard.source.api_key"
    require(secret.read_text() == SECRET + "\n" and secret.stat().st_mode & 0o077 == 0, "the secret's file")
    require((configs / "secrets").stat().st_mode & 0o077 == 0, "the secrets' folder")
    require(SECRET not in (configs / "from-wizard.yaml").read_text(), "the secret stands in the file")
    client.expect(409, "POST", f"{base}/files", draft(client), token=operator)
    # It is known at once, and who made it is on record.
    status = client.expect(200, "GET", "/api/v1/integrations/from-wizard/status", token=viewer)
    require(status["state"] == "new" and status["decisions"][0]["action"] == "create" and
            status["decisions"][0]["who"] == "op", status)
    require(status["schedule"] == 'cron "30 2 * * *" (Europe/Berlin)', status)
    definition = client.expect(200, "GET", "/api/v1/integrations/from-wizard", token=viewer)
    fields = {field["name"]: field for field in definition["syncs"][0]["fields"]}
    require(fields["na: me"]["value"] == ".customer.first_name" and fields["MRR"]["null"] == "clear", fields)
    require(SECRET not in json.dumps(definition), "the secret is told")
    # A secret's file that somebody left there is not replaced either.
    (configs / "secrets" / "again.source.api_key").write_text("other")
    problem = client.expect(409, "POST", f"{base}/files", draft(client, "again"), token=operator)
    require(problem["code"] == "exists" and not (configs / "again.yaml").exists(), problem)
    (configs / "from-wizard.yaml").unlink()


def patched(configs, diff, name):
    folder = Path(tempfile.mkdtemp(dir=configs.parent))
    shutil.copy(configs / name, folder)
    subprocess.run(["patch", "-p0", "--silent"], cwd=folder, input=diff, text=True, check=True)
    return (folder / name).read_text()


def changed_file(client, viewer, operator, configs):
    base = "/api/v1/integrations/people"
    text = client.expect(200, "GET", f"{base}/file", token=viewer)
    answer = client.expect(200, "POST", f"{base}/diff", {"text": text}, token=operator)
    require(answer == {"ok": True, "diagnostics": [], "diff": ""}, answer)
    changed = text.replace("every: 6h", "every: 1h") + "# the end"
    answer = client.expect(200, "POST", f"{base}/diff", {"text": changed}, token=operator)
    require(answer["ok"] and patched(configs, answer["diff"], "people.yaml") == changed, answer)
    answer = client.expect(200, "POST", f"{base}/diff", {"text": text.replace("fields:", "feilds:")}, token=operator)
    require(not answer["ok"] and 'did you mean "fields"' in "".join(answer["diagnostics"]), answer)
    answer = client.expect(200, "POST", f"{base}/diff", {"text": text.replace("key: id", "kye: id")}, token=operator)
    require(not answer["ok"] and "kye" in "".join(answer["diagnostics"]), "an option of the connector")
    require((configs / "people.yaml").read_text() == FILE, "the file has been changed")
    client.expect(422, "POST", f"{base}/diff", {"text": 1}, token=operator)
    client.expect(404, "POST", "/api/v1/integrations/nobody/diff", {"text": ""}, token=operator)
    # A secret in plain is shown to nobody, not in a diff either.
    (configs / "plain.yaml").write_text(
        "integration: plain\n"
        f"source: {{connector: chargebee, site: acme, api_key: {SECRET}}}\n"
        "destination: {connector: file, path: out.ndjson}\n"
        "syncs: {a: {read: {stream: customers}, write: {object: records, match: id}, fields: {id: .customer.id}}}\n")
    while "plain" not in [row["integration"] for row in client.expect(200, "GET", "/api/v1/integrations", token=viewer)["integrations"]]:
        time.sleep(0.05)
    text = client.expect(200, "GET", "/api/v1/integrations/plain/file", token=viewer)
    answer = client.expect(200, "POST", "/api/v1/integrations/plain/diff", {"text": text + "schedule: manual\n"}, token=operator)
    require(SECRET not in json.dumps(answer) and "***" in answer["diagnostics"][-1], answer)
    (configs / "plain.yaml").unlink()


def stop(client, viewer, operator, configs):
    """Who started and who stopped a run is on record, however far it came."""
    (configs / "slow.yaml").write_text(
        "integration: slow\n"
        f"source: {{connector: chargebee, site: acme, api_key: '${{CHARGEBEE_KEY}}', base_url: '{client.sandbox}'}}\n"
        "destination: {connector: file, path: slow.out.ndjson}\n"
        "syncs: {a: {read: {stream: customers}, write: {object: records, match: id}, fields: {id: .customer.id}}}\n")
    base = "/api/v1/integrations/slow"
    while client.ask("GET", f"{base}/status", token=viewer)[0] != 200:
        time.sleep(0.05)
    client.source.process.send_signal(signal.SIGSTOP)
    client.expect(202, "POST", f"{base}/runs", {"stage": "validate"}, token=operator)
    client.expect(409, "POST", f"{base}/runs", {"stage": "validate"}, token=operator)
    client.expect(202, "POST", f"{base}/stop", token=operator)
    client.source.process.send_signal(signal.SIGCONT)
    while True:
        status = client.expect(200, "GET", f"{base}/status", token=viewer)
        if not status["running"] and len(status["decisions"]) == 2:
            break
        time.sleep(0.05)
    found = sorted((entry["action"], entry["who"], entry["detail"]) for entry in status["decisions"])
    require(found == [("start", "op", "validate"), ("stop", "op", "validate")], found)
    (configs / "slow.yaml").unlink()


def audit(client, operator, sluice, environment, secrets):
    """Who made and removed which token is on record, without the tokens and without their hashes."""
    def command(*arguments):
        return subprocess.run([sluice, "serve", "token", *arguments], env=environment, capture_output=True, text=True)
    several = [subprocess.Popen([sluice, "serve", "token", "add", f"guest{i}"], env=environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for i in range(8)]
    require(all(each.wait() == 0 for each in several), "tokens cannot be added at once")
    for i in range(8):
        require(command("remove", f"guest{i}").returncode == 0, "not all that were added at once are there")
    require(command("remove", "guest0").returncode == 2, "one that is gone is removed again")
    require(command("add", "op").returncode == 2, "a name is given twice")
    by_another = subprocess.run([sluice, "serve", "token", "add", "late"], env={**environment, "SLUICE_ACTOR": "ann"},
                                capture_output=True)
    require(by_another.returncode == 0, by_another.stderr)
    entries = client.expect(200, "GET", "/api/v1/audit?limit=1000", token=operator)["decisions"]
    require(json.loads(command("log", "--json", "--limit", "1000").stdout)["decisions"] == entries, entries)
    found = [(entry["action"], entry["detail"]) for entry in entries]
    require(found[-3:] == [("token add", "vendor, sender of people"), ("token add", "op, operator"), ("token add", "view, viewer")],
            found)
    require(len(found) == 3 + 8 + 8 + 1, found)
    require(entries[0]["who"] == "ann" and entries[0]["detail"] == "late, viewer", entries[0])
    require(len(client.expect(200, "GET", "/api/v1/audit", token=operator)["decisions"]) == 20, "not the last 20")
    text = command("log").stdout
    require(len(text.splitlines()) == 20 and " UTC ann token add: late, viewer" in text.splitlines()[0], text)
    whole = json.dumps(entries) + text
    require(not any(secret.removeprefix("sluice_") in whole for secret in secrets), "the record tells a token")
    own = Path(environment["SLUICE_STATE"]) / ".serve"
    for file in own.rglob("*"):
        require(file.stat().st_mode & 0o077 == 0, f"others may use {file}")


def lifecycle(client, viewer, operator):
    base = "/api/v1/integrations/people"
    client.expect(200, "POST", f"{base}/pause", {"why": "lunch"}, token=operator)
    status = client.expect(200, "GET", f"{base}/status", token=viewer)
    require(status["state"] == "paused" and status["paused"]["who"] == "op", status)
    client.expect(409, "POST", f"{base}/runs", {"stage": "next"}, token=operator)
    client.expect(200, "POST", f"{base}/resume", {}, token=operator)
    client.expect(422, "POST", f"{base}/unlink", {"confirm": "other"}, token=operator)
    client.expect(200, "POST", f"{base}/unlink", {"confirm": "people", "why": "done"}, token=operator)
    status = client.expect(200, "GET", f"{base}/status", token=viewer)
    require(status["state"] == "unlinked" and status["decisions"][0]["who"] == "op", status)


def everything(work):
    configs = work / "configs"
    configs.mkdir()
    rows = [{"id": f"k{i}", "email": f"a{i}@example.com", "ok": i > 1} for i in range(6)]
    rows.append({"id": HOSTILE, "email": "x@example.com", "ok": False})
    (configs / "presets").mkdir()
    (configs / "presets" / "own.yaml").write_text("description: Nobody's but ours\nfields: {email: .customer.email}\n")
    (configs / "people.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (configs / "people.yaml").write_text(FILE)
    (configs / "broken.yaml").write_text("integration: [")
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(str(work / "notify"))
    environment = {**os.environ, "SLUICE_STATE": str(work / "state"), "NOTIFY_SOCKET": str(work / "notify"),
                   "CHARGEBEE_KEY": "sandbox-key"}
    sluice = bin_dir() / "sluice"

    def token(name, role, *more):
        done = subprocess.run([sluice, "serve", "token", "add", name, "--role", role, *more], env=environment,
                              capture_output=True, text=True, check=True)
        return done.stdout.strip()
    viewer, operator = token("view", "viewer"), token("op", "operator")

    def listed(*arguments):
        done = subprocess.run([sluice, "errors", "list", configs / "people.yaml", "--json", *arguments], env=environment,
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["errors"]
    sender = token("vendor", "sender", "--integration", "people")
    for stranger in ("0.0.0.0:0", "nowhere:1"):
        code = subprocess.run([sluice, "serve", "--configs", configs, "--listen", stranger], env=environment,
                              capture_output=True).returncode
        require(code == 2, f"--listen {stranger} is taken")
    server = start([sluice, "serve", "--configs", configs, "--listen", "127.0.0.1:0", "--json"], cwd=configs, env=environment,
                   stdout=subprocess.PIPE, stderr=(work / "log").open("ab"))
    client = Client(int(json.loads(server.stdout.readline())["url"].rpartition(":")[2]))
    require(client.ask("GET", "/readyz", token=viewer)[0] == 200, "it says where it answers before it has read its files")
    client.source = Sandbox("chargebee", ["--customers", "20"])
    client.sandbox, client.other_sandbox = client.source.url, Sandbox("activecampaign").url
    require(notices.recv(1000).startswith(b"READY=1\n"), "the service manager is not told that it is ready")
    who_may(client, viewer, operator)
    hooks(client, operator, sender)
    dashboard(client)
    session(client, viewer)
    whole_path(client, viewer, operator)
    settle(client, viewer, operator, listed)
    connections(client, viewer, operator)
    new_file(client, viewer, operator, configs)
    changed_file(client, viewer, operator, configs)
    stop(client, viewer, operator, configs)
    lifecycle(client, viewer, operator)
    audit(client, operator, sluice, environment, (viewer, operator, sender))
    missing = {operation["operationId"] for _, _, operation in operations()} - client.seen
    require(not missing, f"described, and never answered: {missing}")
    subprocess.run([sluice, "serve", "token", "remove", "view"], env=environment, check=True)
    client.expect(401, "GET", "/api/v1/session", token=viewer)
    server.send_signal(signal.SIGTERM)
    require(notices.recv(1000) == b"STOPPING=1\n", "the service manager is not told that it ends")
    require(server.wait() == 0, f"it ended with {server.returncode}")
    require(SECRET not in (work / "log").read_text(), "the log tells a secret")
    return "the API is as its contract says"


if __name__ == "__main__":
    sys.exit(run("api", DEADLINE, everything))
