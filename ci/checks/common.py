"""What the foreign checks share: counting, and starting servers."""

import base64
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target" / "foreign"
BIN = WORK / "venv" / "bin"
BUILT = pathlib.Path(os.environ.get("PRIVLINK_BUILT", ROOT / "target" / "debug"))

# The environment of every client: no profile, no proxy, no metadata service of the machine it runs on.
CLEAN = {
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
    "HOME": str(WORK / "home"),
    "LANG": "C.UTF-8",
    "NO_PROXY": "127.0.0.1,localhost",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


# The same for clients that run in this process.
for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]
os.environ.update({name: value for name, value in CLEAN.items() if name not in ("PATH", "HOME", "LANG")})


class Tally:
    """Counts what held, and says what did not."""

    def __init__(self, title):
        self.title, self.passed, self.failed = title, 0, 0

    def check(self, what, held, seen=""):
        if held:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}: {str(seen)[:1500]}", flush=True)
        return bool(held)

    def equal(self, what, seen, wanted):
        return self.check(what, seen == wanted, f"{seen!r} where {wanted!r} was due")

    @contextlib.contextmanager
    def step(self, what):
        """One check whose failure is an exception."""
        try:
            yield
        except Exception as error:  # Whatever it is, it is this check's failure, and the next goes on.
            self.check(what, False, f"{type(error).__name__}: {error}")
        else:
            self.check(what, True)

    def end(self):
        """Prints the closing line and ends the program; a check that checked nothing has failed."""
        print(f"{self.title}: {self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, log, **environment):
    """A server for as long as the block lasts; its words go to a file, shown when it fails."""
    (WORK / "home").mkdir(parents=True, exist_ok=True)
    path = WORK / log
    with open(path, "wb") as words:
        server = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT,
            env={**CLEAN, **environment},
        )
    server.log = path
    try:
        yield server
    except BaseException:
        print(f"── the end of {path.name}:\n{path.read_text('utf-8', 'replace')[-2000:]}", flush=True)
        raise
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for(server, ready, what, seconds=30):
    """Until `ready` answers something true; whatever the server printed so far is given to it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"{what} ended with {server.returncode} before it was ready")
        answer = ready()
        if answer:
            return answer
        time.sleep(0.05)
    raise RuntimeError(f"{what} was not ready within {seconds} s")


def answers(url):
    """Whether something speaks HTTP there."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def run(command, check=True, **environment):
    """A client's output, its environment being clean but for what is given."""
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        env={**CLEAN, **environment},
    )
    if check and done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def lines_of_json(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@contextlib.contextmanager
def simulator(log, *options):
    """The simulator for as long as the block lasts; gives what it printed about itself."""
    with running([BUILT / "privlink-sim", *options], log) as server:
        def line():
            text = server.log.read_text("utf-8", "replace")
            return text.partition("\n")[0] if "\n" in text else None

        yield json.loads(wait_for(server, line, "the simulator"))


def clickhouse(world, path, key=None):
    """One read of the simulated vendor; gives the `result`."""
    vendor = world["clickhouse"]
    credentials = key or f"{vendor['key_id']}:{vendor['key_secret']}"
    request = urllib.request.Request(
        f"{vendor['url']}/v1/organizations/{vendor['organization_id']}{path}",
        headers={"authorization": "Basic " + base64.b64encode(credentials.encode()).decode()},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["result"]


def until(what, look, seconds=60):
    """Looks again and again until `look` gives something true."""
    deadline = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.5)
