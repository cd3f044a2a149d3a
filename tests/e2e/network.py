"""What stands between the programs and a sandbox: certificates, TLS, proxies, redirects. All on loopback."""
import select
import socket
import ssl
import subprocess
import threading
import warnings


warnings.simplefilter("ignore", DeprecationWarning)  # of the old versions that must be refused


class Certificates:
    """An authority of one's own, and certificates for servers."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
                      "-out", "ca.pem", "-subj", "/CN=Test authority", "-days", "2")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def issue(self, name, holder, days=2, own_authority=False):
        """A certificate for `holder` (IP:127.0.0.1, DNS:x); with its key, as one file."""
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key",
                      "-out", f"{name}.csr", "-subj", f"/CN={name}", "-addext", f"subjectAltName={holder}")
        signer = ("-signkey", f"{name}.key") if own_authority else ("-CA", "ca.pem", "-CAkey", "ca.key")
        self._openssl("x509", "-req", "-in", f"{name}.csr", *signer, "-copy_extensions", "copyall", "-days", str(days),
                      "-out", f"{name}.crt")
        both = self.folder / f"{name}.pem"
        both.write_text((self.folder / f"{name}.crt").read_text() + (self.folder / f"{name}.key").read_text())
        return both


def has_more(side):
    return isinstance(side, ssl.SSLSocket) and side.pending() > 0


def join(one, other):
    """Copies both ways until either side ends."""
    with one, other:
        while True:
            ready = [side for side in (one, other) if has_more(side)] or select.select([one, other], [], [])[0]
            for side in ready:
                data = side.recv(65536)
                if not data:
                    return
                (other if side is one else one).sendall(data)


class Listener:
    """Serves each connection in a thread of its own, and counts them."""

    def __init__(self):
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            self.serve(connection)
        except OSError:
            connection.close()

    def close(self):
        self.socket.close()


class Tls(Listener):
    """A TLS server before the plain server on a port. `handshakes` counts those that came to an end, `spoken` tells of the first."""

    def __init__(self, certificate, to_port, version=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        if version:
            self.context.set_ciphers("ALL:@SECLEVEL=0")
            self.context.minimum_version = self.context.maximum_version = version
        self.to_port, self.handshakes, self.spoken = to_port, 0, threading.Event()
        super().__init__()

    def serve(self, connection):
        secured = self.context.wrap_socket(connection, server_side=True)
        self.handshakes += 1
        self.spoken.set()
        join(secured, socket.create_connection(("127.0.0.1", self.to_port)))

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"


def read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(4096)
        if not data:
            raise OSError("ended early")
        head += data
    return head


class Proxy(Listener):
    """Tunnels every CONNECT to one port; remembers what it was asked."""

    def __init__(self, to_port):
        self.to_port, self.heads = to_port, []
        super().__init__()

    def serve(self, connection):
        self.heads.append(read_head(connection))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        join(connection, socket.create_connection(("127.0.0.1", self.to_port)))


class Answers(Listener):
    """Answers every request the same way; remembers the requests' heads."""

    def __init__(self, status, headers=(), body=b""):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        self.answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        self.heads = []
        super().__init__()

    def serve(self, connection):
        self.heads.append(read_head(connection))
        connection.sendall(self.answer)
        connection.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"
