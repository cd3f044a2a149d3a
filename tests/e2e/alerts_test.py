#!/usr/bin/env python3
"""Alerts of `sluice serve`: a condition's beginning and end reach the receiver once each, though it was not there at first
and the service is killed in between."""
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from processes import start  # noqa: E402
from program import require, run  # noqa: E402
from sandbox import bin_dir, wait_until  # noqa: E402

DEADLINE = 200
FILE = """
integration: people
source: {connector: file, path: people.ndjson, key: id}
destination: {connector: file, path: out.ndjson}
schedule: {every: 1s}
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email}
    check: [{that: .ok, say: not good}]
    fields: {email: .email}
"""
NUMBER = 40


class Receiver(http.server.BaseHTTPRequestHandler):
    told = []
    takes = False

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # What was told just before a kill comes again under its id.
        if Receiver.takes and body["id"] not in [known["id"] for known in Receiver.told]:
            Receiver.told.append(body)
        self.send_response(204 if Receiver.takes else 503)
        self.end_headers()

    def log_message(self, *_):
        pass


def states():
    return [(body["alert"], body["state"]) for body in Receiver.told]


def rows(folder, bad):
    (folder / "people.ndjson").write_text("".join(
        json.dumps({"id": str(i), "email": f"a{i}@example.com", "ok": i >= bad}) + "\n" for i in range(NUMBER)))


def everything(work):
    configs = work / "configs"
    configs.mkdir()
    rows(configs, 0)
    file = configs / "people.yaml"
    file.write_text(FILE)
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    (work / "url").write_text(f"http://127.0.0.1:{receiver.server_address[1]}/alerts?key=secret\n")
    (work / "url").chmod(0o600)
    environment = {**os.environ, "SLUICE_STATE": str(work / "state")}

    def sluice(*arguments, code=0):
        done = subprocess.run([bin_dir() / "sluice", *arguments], cwd=configs, env=environment, capture_output=True, text=True)
        require(done.returncode == code, arguments, done.returncode, done.stderr)

    def serve():
        return start([bin_dir() / "sluice", "serve", "--configs", configs, "--listen", "127.0.0.1:0", "--jitter", "0",
                      "--alert-url", "${file:" + str(work / "url") + "}"], cwd=configs, env=environment,
                     stdout=subprocess.DEVNULL, stderr=(work / "log").open("ab"))

    def log():
        return (work / "log").read_text()

    def touch():
        """Whoever changes a file that failed has it tried at once."""
        new = configs / ".new"
        new.write_text(file.read_text() + "\n")
        new.rename(file)
    for verb in ("validate", "initial", "full"):
        sluice(verb, file)
    sluice("serve", "--configs", configs, "--alert-url", "ftp://x", code=2)
    (configs / "people.ndjson").rename(configs / "away")
    server = serve()
    wait_until(lambda: "could not be told" in log(), "nobody tried to tell that the run failed")
    server.send_signal(signal.SIGKILL)
    server.wait()
    Receiver.takes = True
    server = serve()
    wait_until(lambda: states() == [("run_failed", "firing")], "the failure was lost:", Receiver.told)
    alert = Receiver.told[0]
    require(alert["integration"] == "people" and "people.ndjson" in alert["message"] and alert["remedy"], alert)
    server.send_signal(signal.SIGKILL)
    server.wait()
    failed = log().count("people: incremental ended with")
    server = serve()
    touch()
    wait_until(lambda: log().count("people: incremental ended with") > failed, "it was not tried again")
    require(states() == [("run_failed", "firing")], "the failure was repeated:", states())
    (configs / "away").rename(configs / "people.ndjson")
    touch()
    wait_until(lambda: len(states()) == 2, "the recovery was lost:", Receiver.told)
    rows(configs, NUMBER // 2)
    wait_until(lambda: len(states()) == 3, "the rejected records were not told:", Receiver.told)
    rows(configs, 0)
    wait_until(lambda: len(states()) == 4, "their end was not told:", Receiver.told)
    require(states() == [("run_failed", "firing"), ("run_failed", "resolved"), ("rejected_share", "firing"),
                         ("rejected_share", "resolved")], states())
    require("key=secret" not in log(), "the receiver's address is in the log")
    server.send_signal(signal.SIGTERM)
    require(server.wait() == 0, "the service ended with", server.returncode)
    return "each beginning and each end was told once"


if __name__ == "__main__":
    sys.exit(run("alerts", DEADLINE, everything))
