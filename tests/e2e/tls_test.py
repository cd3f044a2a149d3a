#!/usr/bin/env python3
"""`sluice serve` speaks TLS: with its certificate, nothing older than TLS 1.2, nothing in the clear; and says what is wrong with
the files that it is given."""
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from processes import start  # noqa: E402
from program import require, run  # noqa: E402
from sandbox import Failure, bin_dir  # noqa: E402

DEADLINE = 100
NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


class Files:
    """An authority, the service's certificate and key, and all sorts of wrong ones."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca = self.made("ca", "-addext", "basicConstraints=critical,CA:TRUE")
        self.good = self.made("good", "-CA", *self.ca, "-addext", NAMES)
        self.other = self.made("other", "-addext", NAMES)
        self.elliptic = self.made("elliptic", "-addext", NAMES, kind="ec", options=("-pkeyopt", "ec_paramgen_curve:P-256"))
        self.over = self.of_2020()
        self.weak = self.made("weak", "-addext", NAMES, kind="rsa:512")

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise Failure(f"openssl {arguments[0]}: {done.stderr}")

    def made(self, name, *more, kind="rsa:2048", options=()):
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        authority = more[1:3] if more[0] == "-CA" else ()
        more = more[3:] if authority else more
        if authority:
            self.openssl("req", "-newkey", kind, "-nodes", "-keyout", key, "-out", "request", "-subj", f"/CN={name}", *more)
            self.openssl("x509", "-req", "-in", "request", "-CA", authority[0], "-CAkey", authority[1], "-CAcreateserial",
                         "-copy_extensions", "copy", "-out", certificate)
        else:
            self.openssl("req", "-x509", "-newkey", kind, *options, "-nodes", "-keyout", key, "-out", certificate, "-subj",
                         f"/CN={name}", *more)
        return certificate, key


    def of_2020(self):
        """`req` makes none that are over; `ca` does."""
        certificate, key = self.folder / "over.pem", self.folder / "over.key"
        (self.folder / "index").touch()
        (self.folder / "ca.cnf").write_text("[ca]\ndefault_ca=own\n[own]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\n"
                                            "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", "request", "-subj", "/CN=over")
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", key, "-in", "request", "-out", certificate,
                     "-notext", "-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
        return certificate, key


class Service:
    def __init__(self, work, name, *more):
        self.environment = {**os.environ, "SLUICE_STATE": str(work / name)}
        (work / "configs").mkdir(exist_ok=True)
        done = subprocess.run([bin_dir() / "sluice", "serve", "token", "add", "ann"], env=self.environment, capture_output=True,
                              text=True)
        self.token = done.stdout.strip()
        self.log = work / f"{name}.log"
        self.process = start([bin_dir() / "sluice", "serve", "--configs", work / "configs", "--listen", "127.0.0.1:0", "--json",
                              *more], env=self.environment, stdout=subprocess.PIPE, stderr=self.log.open("ab"))
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{name} does not start: {self.log.read_text()}")
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rpartition(":")[2])

    def ask(self, method, path, context, body=None, **headers):
        """The status and the headers."""
        if context:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers.update({"Content-Type": "application/json", "Sluice-Request": "1"})
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers


def trusting(files, version=None):
    context = ssl.create_default_context(cafile=files.ca[0])
    if version:
        # A client that would speak anything, so that it is the service that refuses.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def refuses(service, context, why):
    try:
        status, _ = service.ask("GET", "/healthz", context)
    except (ssl.SSLError, http.client.HTTPException, ConnectionError) as refused:
        return str(refused)
    raise Failure(f"{why}: {status}")


def speaks(service, files):
    require(service.url.startswith("https://127.0.0.1:"), service.url)
    require(service.ask("GET", "/healthz", trusting(files))[0] == 200, "healthz")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        require(service.ask("GET", "/healthz", trusting(files, version))[0] == 200, version)
    stranger = refuses(service, ssl.create_default_context(cafile=files.other[0]), "a client that trusts others")
    require("CERTIFICATE_VERIFY_FAILED" in stranger, stranger)
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        refuses(service, trusting(files, version), f"{version.name} is spoken")
    without_secrecy = trusting(files, ssl.TLSVersion.TLSv1_2)
    without_secrecy.set_ciphers("AES128-SHA:AES256-GCM-SHA384:@SECLEVEL=0")
    refuses(service, without_secrecy, "a cipher without forward secrecy is spoken")
    refuses(service, None, "a request in the clear is answered")
    # Whoever connects and says nothing is in nobody's way.
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(8)]
    require(service.ask("GET", "/healthz", trusting(files))[0] == 200, "a silent client holds up others")
    for each in silent:
        each.close()


def headers(service, files):
    context = trusting(files)
    own = f"https://127.0.0.1:{service.port}"
    token = {"token": service.token}
    status, found = service.ask("POST", "/api/v1/session", context, token, Origin=own)
    require(status == 200, f"a request of its own page: {status}")
    cookie = found["Set-Cookie"]
    require(all(word in cookie.split("; ") for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/")), cookie)
    signed_in = {"Cookie": cookie.partition(";")[0]}
    require(service.ask("GET", "/api/v1/session", context, **signed_in)[0] == 200, "the cookie is not taken")
    status, _ = service.ask("POST", "/api/v1/session", context, token, Origin=own.replace("https", "http"))
    require(status == 403, f"a page that came in the clear: {status}")
    for path in ("/", "/healthz", "/nothing", "/api/v1/session"):
        _, found = service.ask("GET", path, context)
        require(found["Strict-Transport-Security"] == "max-age=31536000", path, found)
        _, found = service.ask("GET", path, context, Host=f"localhost:{service.port}")
        require(found["Strict-Transport-Security"] is None, path, "every port of a developer's machine")


def in_the_clear(service):
    status, found = service.ask("POST", "/api/v1/session", None, {"token": service.token})
    require(status == 200 and "Secure" not in found["Set-Cookie"], status, found)
    require(found["Strict-Transport-Security"] is None, found)


def wrong_files(work, files):
    good, key = files.good
    text = files.folder / "text"
    text.write_text("no certificate\n")
    der = files.folder / "good.der"
    files.openssl("x509", "-in", good, "-outform", "DER", "-out", der)
    locked, unreadable, unreadable_key = (files.folder / name for name in ("locked.key", "unreadable.pem", "unreadable.key"))
    files.openssl("pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
    torn = files.folder / "torn.pem"
    torn.write_text(good.read_text().replace("A", "", 3))
    for source, target in ((good, unreadable), (key, unreadable_key)):
        shutil.copy(source, target)
        target.chmod(0)
    # Root may read everything, unless that is taken from it.
    wrapper = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    missing = files.folder / "missing"
    cases = [
        (missing, key, "--tls-certificate", "No such file or directory"),
        (good, missing, "--tls-key", "No such file or directory"),
        (files.folder, key, "--tls-certificate", "Is a directory"),
        (good, files.folder, "--tls-key", "Is a directory"),
        (unreadable, key, "readable for user", "Permission denied"),
        (good, unreadable_key, "readable for user", "Permission denied"),
        (text, key, "openssl x509", "no certificate in PEM form"),
        (der, key, "openssl x509", "no certificate in PEM form"),
        (key, key, "openssl x509", "no certificate in PEM form"),
        (torn, key, "have another issued", "cannot be used"),
        (files.weak[0], files.weak[1], "have another issued", "too small"),
        (good, text, "openssl pkey", "no private key in PEM form"),
        (good, good, "openssl pkey", "no private key in PEM form"),
        (good, locked, "openssl pkey", "has a password"),
        (good, files.other[1], "made together", "is not that of the certificate"),
        (good, files.elliptic[1], "made together", "is not that of the certificate"),
    ]
    environment = {**os.environ, "SLUICE_STATE": str(work / "wrong")}

    def serve(*more):
        return subprocess.run([*wrapper, bin_dir() / "sluice", "serve", "--configs", work / "configs", "--listen", "127.0.0.1:0",
                               "--json", *more], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              start_new_session=True)
    for certificate, private, remedy, fault in cases:
        done = serve("--tls-certificate", certificate, "--tls-key", private)
        named = f"{certificate.name}, {private.name}"
        require(done.returncode == 2, named, done.returncode, done.stderr)
        error = json.loads(done.stdout)["error"]
        require(fault in error and remedy in error, named, error)
        require(str(certificate) in error or str(private) in error, named, "no file is named:", error)
    for one in (("--tls-certificate", good), ("--tls-key", key)):
        require(serve(*one).returncode == 2, one[0], "alone is taken")


def everything(work):
    files = Files(work / "tls")
    service = Service(work, "tls-state", "--tls-certificate", files.good[0], "--tls-key", files.good[1])
    speaks(service, files)
    headers(service, files)
    require(service.process.poll() is None, "the service has ended")
    in_the_clear(Service(work, "clear"))
    wrong_files(work, files)
    late = Service(work, "late", "--tls-certificate", files.over[0], "--tls-key", files.over[1])
    require("no longer valid" in late.log.read_text(), "nobody is told of an old certificate:", late.log.read_text())
    return "the service speaks TLS, and says why not"


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        print("left out: openssl is not installed")
        sys.exit(77)
    sys.exit(run("tls", DEADLINE, everything))
