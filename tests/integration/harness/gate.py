"""A door on the way to a server, which a test can shut."""

import contextlib
import socket
import threading


class Gate:
    """Passes TCP connections on to a port of this machine while it is open. Shut, it breaks them and takes none."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = True
        self.sockets = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self):
        with self.lock:
            self.open = False
            for one in self.sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def reopen(self):
        with self.lock:
            self.open = True

    def close(self):
        self.shut()
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                server = self._enter(client)
                if server:
                    for pair in ((client, server), (server, client)):
                        threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _enter(self, client):
        with self.lock:
            try:
                if not self.open:
                    raise OSError("shut")
                server = socket.create_connection(("127.0.0.1", self.target_port), 2)
                server.settimeout(None)
            except OSError:
                client.close()
                return None
            self.sockets |= {client, server}
            return server

    def _pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.sockets.discard(source)
        source.close()
