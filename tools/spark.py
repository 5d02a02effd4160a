"""Run a command beside a small Spark cluster of real processes: `python tools/spark.py python -m pytest tests/spark`.

One master and two workers are started on this machine, each a process of its own; an executor of one core comes on
each worker when a session asks. The command finds the cluster in SULAH_TEST_SPARK (a spark:// address).  Where that is
already set, nothing is started; where Java or PySpark is missing, the command runs without it and the suites that need it skip
themselves, which is said here in plain words.
"""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ADDRESS = "SULAH_TEST_SPARK"
WORKERS = 2
WORKER_MEMORY = "1700m"
DAEMON_MEMORY = "-Xmx256m"
START_SECONDS = 120
OLDEST_JAVA = 17


class StartError(Exception):
    """Spark is there but does not start; the words carry what it said."""


def java() -> str | None:
    """The program java of JAVA_HOME, else the one on PATH; None without one."""
    home = os.environ.get("JAVA_HOME", "")
    own = Path(home) / "bin" / "java"
    return str(own) if home and own.is_file() else shutil.which("java")


def java_version(words: str) -> int:
    """The major version in what `java -version` says; 0 where it says none.

    >>> java_version('openjdk version "17.0.15" 2025-04-15')
    17
    """
    found = re.search(r'version "(\d+)', words)
    return int(found.group(1)) if found else 0


def missing() -> str:
    """Why Spark cannot run here, in plain words; empty when it can."""
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed (pip install 'sulah[spark]')"
    program = java()
    if program is None:
        return "Java is not installed (Debian: apt-get install openjdk-17-jre-headless)"
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    if java_version(said) < OLDEST_JAVA:
        return f"Java is older than {OLDEST_JAVA}"
    return ""


def spark_home() -> Path:
    """The folder of PySpark, which carries Spark itself."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise StartError("PySpark is not installed.")
    return Path(spec.origin).parent


def scala_version() -> str:
    """The version of Scala that Spark's own libraries are built for: a worker cannot tell from an installation by pip."""
    found = sorted(spark_home().glob("jars/spark-core_*.jar"))
    if not found:
        raise StartError(f"{spark_home()} has no spark-core library.")
    return found[0].name.removeprefix("spark-core_").partition("-")[0]


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def speak(words: str) -> None:
    """Say it where a person reads it, apart from the command's own output."""
    sys.stderr.write(f"spark: {words}\n")
    sys.stderr.flush()


def start(home: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    """One daemon of Spark in a process group of its own, so that it goes together with the executors that it started."""
    command = [str(java()), "-cp", str(spark_home() / "jars" / "*"), DAEMON_MEMORY, *arguments]
    own = {"SPARK_HOME": str(spark_home()), "SPARK_SCALA_VERSION": scala_version()}
    places = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(home)}
    with (home / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=home, env={**os.environ, **own, **places}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def wait_for(log: Path, words: str, times: int, process: subprocess.Popen[bytes]) -> None:
    """Until a log has said something so many times; StartError when the process ends or time runs out."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if log.read_text("utf-8", "replace").count(words) >= times:
            return
        time.sleep(0.2)
    raise StartError(f"no '{words}' within {START_SECONDS} s:\n{log.read_text('utf-8', 'replace')[-2000:]}")


@contextmanager
def throw_away_cluster() -> Iterator[str]:
    """Start a master and its workers and give the spark:// address; they are stopped and their files removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="sulah-spark-"))
    processes: list[subprocess.Popen[bytes]] = []
    port, deploy = free_port(), "org.apache.spark.deploy"
    address = f"spark://127.0.0.1:{port}"
    try:
        places = ("--host", "127.0.0.1", "--webui-port", "0")
        processes.append(start(home, "master", f"{deploy}.master.Master", *places, "--port", str(port)))
        wait_for(home / "master.log", "New state: ALIVE", 1, processes[0])
        for number in range(WORKERS):
            work = str(home / f"work{number}")
            options = (*places, "--cores", "1", "--memory", WORKER_MEMORY, "--work-dir", work)
            processes.append(start(home, f"worker{number}", f"{deploy}.worker.Worker", *options, address))
        wait_for(home / "master.log", "Registering worker", WORKERS, processes[0])
        yield address
    finally:
        for process in reversed(processes):
            stop(process)
        shutil.rmtree(home, ignore_errors=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a daemon and whatever it started: kindly, then for good."""
    for kind, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, kind)
            process.wait(seconds)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def follow(command: Sequence[str], address: str = "") -> int:
    """Run the command to its end and return its exit code; it learns the cluster's address from the environment."""
    environment = {**os.environ, ADDRESS: address} if address else dict(os.environ)
    return subprocess.run(command, env=environment, check=False).returncode


def leave(number: int, _frame: FrameType | None) -> None:
    """Turn a request to end into an orderly exit, so that the cluster is stopped too."""
    raise SystemExit(128 + number)


def main(command: Sequence[str]) -> int:
    """Run the command with a cluster where one can be had; its exit code, 1 when it does not start, 2 without a command."""
    if not command:
        speak("name the command to run, for example: python tools/spark.py python -m pytest tests/spark")
        return 2
    if os.environ.get(ADDRESS):
        speak(f"using the cluster that {ADDRESS} names.")
        return follow(command)
    if reason := missing():
        speak(f"{reason}, so the suites that need Spark are skipped.")
        return follow(command)
    signal.signal(signal.SIGTERM, leave)
    try:
        with throw_away_cluster() as address:
            speak(f"a throw-away cluster of {WORKERS} workers is running at {address}.")
            return follow(command, address)
    except StartError as error:
        speak(f"{error}\nMend that, or name a cluster of your own in {ADDRESS}.")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
