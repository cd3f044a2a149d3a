#!/usr/bin/env python3
"""Whom the programs trust with credentials: TLS, plain http, redirects, proxies, addresses.

`sluice check` connects to both vendors' sandboxes through servers of this test's making. Each refusal is told from a
broken test by its opposite, which is accepted.
"""
import os
import socket
import ssl
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from network import Answers, Certificates, Proxy, Tls  # noqa: E402
from program import run  # noqa: E402
from sandbox import Failure, Run, Sandbox  # noqa: E402

DEADLINE = 240  # seconds; ctest waits longer
NAME = "vendor.sluice.test"  # known to the proxy only
KEYS = {"chargebee": "source-key-1", "activecampaign": "destination-key-2"}

INTEGRATION = """
integration: network
source: {{connector: chargebee, site: acme, base_url: "{source}", api_key: source-key-1{source_options}}}
destination: {{connector: activecampaign, url: "{destination}", api_key: destination-key-2{destination_options}}}
syncs:
  customers:
    read: {{stream: customers}}
    write: {{object: contacts, match: email}}
    fields: {{email: .customer.email}}
"""


class Checks:
    def __init__(self, work, boxes):
        self.work, self.boxes = work, boxes
        self.ports = {box.vendor: int(box.url.rsplit(":", 1)[1]) for box in boxes}
        self.certificates = Certificates(work)
        self.environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        self.environment["SLUICE_STATE"] = str(work / "state")
        self.count = 0

    def run(self, addresses, options="", environment=None, arguments=()):
        of = {vendor: options if addresses.get("there") == vendor else "" for vendor in KEYS}
        text = INTEGRATION.format(source=addresses["chargebee"], source_options=of["chargebee"],
                                  destination=addresses["activecampaign"], destination_options=of["activecampaign"])
        (self.work / "integration.yaml").write_text(text)
        run = Run(("check", "integration.yaml", *arguments), self.work, {**self.environment, **(environment or {})})
        self.count += 1
        return run.wait(), run

    def accepts(self, what, *arguments, **options):
        code, run = self.run(*arguments, **options)
        if code != 0:
            raise Failure(f"{what} is not accepted: {run}")
        return run.err.read_text()

    def refuses(self, what, words, *arguments, **options):
        asked = {box.vendor: box.stats()["requests"] for box in self.boxes}
        code, run = self.run(*arguments, **options)
        said = run.err.read_text()
        if code not in (2, 3) or not all(word in said for word in words):
            raise Failure(f"{what} must be refused with {words}: {code}: {run}")
        if any(key in said + run.out.read_text() for key in KEYS.values()):
            raise Failure(f"{what}: a key is shown: {run}")
        return asked

    def one_side(self, vendor, address):
        """That vendor there, with options; the other one in plain."""
        return {"there": vendor, **{box.vendor: address if box.vendor == vendor else box.url for box in self.boxes}}


def has_requests(box, before):
    return box.stats()["requests"] != before[box.vendor]


def certificates(checks, box):
    port, issue = checks.ports[box.vendor], checks.certificates.issue
    trusted = f', ca_file: "{checks.certificates.authority}"'
    good = Tls(issue("good", "IP:127.0.0.1"), port)
    there = checks.one_side(box.vendor, good.url)
    checks.accepts("a certificate of the authority in ca_file", there, trusted)
    untrusted = ["TLS with https://127.0.0.1", "cannot be trusted", "ca_file"]
    for mode in ((), ("--in-process",)):
        # Nothing in the environment makes up for ca_file.
        environment = {name: str(checks.certificates.authority) for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE")}
        before = checks.refuses("an unknown authority", untrusted, there, environment=environment, arguments=mode)
        if has_requests(box, before):
            raise Failure(f"{box.vendor} got a request over TLS that is not trusted")
    refused = {"a certificate for another host": issue("other", "DNS:other.test"),
               "an expired certificate": issue("expired", "IP:127.0.0.1", days=-1),
               "a self-signed certificate": issue("selfsigned", "IP:127.0.0.1", own_authority=True)}
    for what, certificate in refused.items():
        server = Tls(certificate, port)
        before = checks.refuses(what, untrusted, checks.one_side(box.vendor, server.url), trusted)
        if has_requests(box, before):
            raise Failure(f"{box.vendor} got a request in spite of {what}")
    missing = f', ca_file: "{checks.work / "missing.pem"}"'
    checks.refuses("a ca_file that is missing", ["ca_file"], there, missing)


def versions(checks, box):
    trusted = f', ca_file: "{checks.certificates.authority}"'
    certificate = checks.work / "good.pem"
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        server = Tls(certificate, checks.ports[box.vendor], version)
        there = checks.one_side(box.vendor, server.url)
        if version >= ssl.TLSVersion.TLSv1_2:
            checks.accepts(version.name, there, trusted)
            continue
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(checks.certificates.authority)
        client.set_ciphers("ALL:@SECLEVEL=0")
        client.minimum_version = version
        with client.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="127.0.0.1"):
            pass
        if not server.spoken.wait(60):
            raise Failure(f"the test's server does not speak {version.name}")
        checks.refuses(version.name, ["TLS 1.2 or 1.3"], there, trusted)
        if server.handshakes != 1:
            raise Failure(f"the programs speak {version.name}")


def redirects(checks, box):
    other = Answers("200 OK")
    for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
        moved = Answers(status, [f"Location: {other.url}/elsewhere"])
        checks.refuses(f"a redirect ({status})", [status[:3]], checks.one_side(box.vendor, moved.url))
        if not moved.heads:
            raise Failure("the redirecting server was not asked")
    # From https to plain http: never followed either.
    moved = Answers("302 Found", [f"Location: {other.url}/elsewhere"])
    server = Tls(checks.work / "good.pem", moved.port)
    trusted = f', ca_file: "{checks.certificates.authority}"'
    checks.refuses("a redirect to plain http", ["302"], checks.one_side(box.vendor, server.url), trusted)
    if not moved.heads or other.connections:
        raise Failure(f"redirects are followed: {other.heads}")


def proxies(checks, box):
    trusted = f', ca_file: "{checks.certificates.authority}"'
    server = Tls(checks.certificates.issue("named", f"DNS:{NAME}"), checks.ports[box.vendor])
    proxy = Proxy(server.port)
    there = checks.one_side(box.vendor, f"https://{NAME}")
    environment = {"https_proxy": f"http://127.0.0.1:{proxy.port}", "http_proxy": f"http://127.0.0.1:{proxy.port}"}
    checks.accepts("the environment's proxy", there, trusted, environment=environment)
    tunnels = len(proxy.heads)
    if not tunnels or any(not head.startswith(f"CONNECT {NAME}:443 ".encode()) for head in proxy.heads):
        raise Failure(f"not all went through the proxy as tunnels, or this machine's did too: {proxy.heads}")
    if any(b"authorization" in head.lower() or b"api-token" in head.lower() for head in proxy.heads):
        raise Failure(f"the proxy sees credentials: {proxy.heads}")
    checks.refuses("a proxy does not make up for ca_file", ["cannot be trusted"], there, environment=environment)
    checks.accepts("the proxy of the file", there, f'{trusted}, proxy: "http://127.0.0.1:{proxy.port}"')
    if len(proxy.heads) <= tunnels:
        raise Failure("the proxy that the file names is not used")


def addresses(checks, box):
    for address in ("https://169.254.169.254", "https://[fd00:ec2::254]", "http://0x7f000001.example.test",
                    "http://192.0.2.1", "http://127.0.0.1.sluice.test", "https://2852039166"):
        words = ["refusing", "allow_plain_http: true" if address.startswith("http:") else "allow_addresses: ["]
        checks.refuses(address, words, checks.one_side(box.vendor, address))
    checks.refuses("a proxy at a metadata address", ["refusing to connect", "169.254.169.254 is a link-local address"],
                   checks.one_side(box.vendor, f"https://{NAME}"), environment={"https_proxy": "http://169.254.169.254:80"})
    for address in (f"https://user:pa55word@{NAME}", f"http://user:pa55word@{NAME}/?x"):
        code, run = checks.run(checks.one_side(box.vendor, address))
        if code != 2 or "pa55word" in run.err.read_text() + run.out.read_text():
            raise Failure(f"credentials in a URL: {code}: {run}")
    # The same machine in other words.
    port = checks.ports[box.vendor]
    for host in ("2130706433", "0x7f.1", "localhost"):
        checks.accepts(host, checks.one_side(box.vendor, f"http://{host}:{port}"))


def everything(work):
    boxes = [Sandbox(vendor, ["--api-key", key]) for vendor, key in KEYS.items()]
    checks = Checks(work, boxes)
    checks.accepts("plain http on this machine", {box.vendor: box.url for box in boxes})
    for box in boxes:
        for part in (certificates, versions, redirects, proxies, addresses):
            part(checks, box)
    return f"{checks.count} connections"


if __name__ == "__main__":
    sys.exit(run("network", DEADLINE, everything))
