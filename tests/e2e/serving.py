"""The real command and the real server, as processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CUNYI = str(Path(sys.executable).with_name("cunyi"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Installation:
    """A folder with keys and a database, the command on it, and a server that can be started, killed and started again."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "CUNYI_DATA_DIR": str(folder / "var"), "CUNYI_DATABASE_URL": database_url}
        self.command = [CUNYI]
        self._server: subprocess.Popen[bytes] | None = None

    def cunyi(self, *args: str, fails: bool = False) -> str:
        """What the command prints; it must succeed, or fail."""
        done = subprocess.run(
            [CUNYI, *args], env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False
        )
        assert bool(done.returncode) == fails, f"cunyi {' '.join(args)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if fails else "")

    def start(self) -> None:
        command = [*self.command, "serve", "--port", str(self.port)]
        with (self.folder / "serve.log").open("ab") as log:
            self._server = subprocess.Popen(
                command, env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except OSError:
                assert self._server.poll() is None, (self.folder / "serve.log").read_text()
                time.sleep(0.1)
        raise AssertionError("the server did not become ready")

    @property
    def server_pid(self) -> int:
        """Of the process that started the workers."""
        assert self._server is not None
        return self._server.pid

    def kill_alone(self) -> None:
        """SIGKILL to the server itself; what it started has to notice."""
        os.kill(self.server_pid, signal.SIGKILL)
        assert self._server is not None
        self._server.wait()

    def kill(self) -> None:
        """SIGKILL to the server and all its processes."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()

    def stop(self) -> int:
        """SIGTERM, as an operator stops it; its exit code."""
        if self._server is None or self._server.poll() is not None:
            return 0
        self._server.terminate()
        return self._server.wait(30)
