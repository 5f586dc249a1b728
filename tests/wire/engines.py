"""Programs that run one command many times, started for a test in a folder of its own.

Slurm: munged, slurmctld and slurmd on this machine alone, as whoever runs the tests. ssh: a server
that this machine calls `host1` and `host2`. All of it ends with the block that started it.
"""

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.live.servers import free_port
from tests.patience import HANGING

STOP_SECONDS = 5
# Programs of servers are there, and not always on the PATH of a user.
_PATH = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"


class EngineFailed(Exception):
    """A program is not installed, or did not start; the message has its Debian package or log."""


def program(name: str, package: str) -> str:
    """The path of an installed program. Raises EngineFailed, which names its Debian package."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise EngineFailed(f"{name} is not installed: apt-get install {package}")
    return found


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Ask again and again, until it holds. Raises EngineFailed where that never comes."""
    deadline = time.monotonic() + HANGING
    while not holds():
        if time.monotonic() > deadline:
            raise EngineFailed(f"waited {HANGING:g} s in vain: {what}")
        time.sleep(0.1)


def wait_until_gone(process: int) -> None:
    """Wait until a process has ended."""
    wait_until(lambda: not Path(f"/proc/{process}").exists(), f"the end of process {process}")


@contextmanager
def _started(folder: Path, *command: str, env: Mapping[str, str]) -> Iterator[Path]:
    """Runs a server while the block lasts; gives the file of what it writes."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield log
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()
        process.wait()


# Slurm

_SLURM_CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmdPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# A task that is queued again waits as long as its credential would have lasted.
AuthInfo=socket={folder}/munge.socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
# What needs no cgroups.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# More tasks at a time than the machine has processors.
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running Slurm of one node. Jobs have the environment `env`, and run in `folder`."""

    folder: Path
    env: Mapping[str, str]

    def run(self, *command: str) -> str:
        """Runs one of Slurm's commands; gives its stdout. Raises EngineFailed."""
        name, *arguments = command
        ended = subprocess.run(
            [program(name, "slurm-wlm"), *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=HANGING,
        )
        if ended.returncode != 0:
            raise EngineFailed(f"{shlex.join(command)}: {ended.stderr}")
        return ended.stdout

    def submit(self, array: str, command: str) -> str:
        """Queues an array job of a shell command; gives its number."""
        return self.run("sbatch", "--parsable", array, "--wrap", command).strip()

    def states(self, job: str) -> dict[str, str]:
        """The state of each task of a job, such as RUNNING or COMPLETED."""
        listed = self.run("squeue", "-h", "-r", "-t", "all", "-j", job, "-o", "%K %T")
        return dict(line.split() for line in listed.splitlines())

    def wait_for(self, job: str, states: Mapping[str, str]) -> None:
        """Wait until these tasks are in these states."""
        wait_until(lambda: states.items() <= self.states(job).items(), f"{job} in {states}")


@contextmanager
def slurm(folder: Path, env: Mapping[str, str]) -> Iterator[Cluster]:
    """Runs a Slurm of one node, its files in `folder`. Jobs run there with `env`."""
    folder = folder.resolve()
    conf, key, munge_socket = (
        folder / name for name in ("slurm.conf", "munge.key", "munge.socket")
    )
    env = {**env, "SLURM_CONF": str(conf)}
    for name in ("state", "spool"):
        (folder / name).mkdir()
    conf.write_text(
        _SLURM_CONF.format(
            host=socket.gethostname().partition(".")[0],
            user=getpass.getuser(),
            control_port=free_port(),
            port=free_port(),
            folder=folder,
        )
    )
    key.touch(0o600)
    key.write_bytes(os.urandom(1024))
    munged = (
        program("munged", "munge"),
        "--foreground",
        "--force",  # in a folder that others may write to, such as /tmp
        f"--key-file={key}",
        f"--socket={munge_socket}",
        f"--pid-file={folder}/munged.pid",
        f"--seed-file={folder}/munged.seed",
    )
    control = (program("slurmctld", "slurm-wlm"), "-D", "-f", str(conf))
    node = (program("slurmd", "slurm-wlm"), "-D", "-f", str(conf))
    cluster = Cluster(folder, env)
    try:
        with _started(folder, *munged, env=env) as log:
            wait_until(munge_socket.exists, log.read_text())
            with _started(folder, *control, env=env) as log, _started(folder, *node, env=env):
                wait_until(lambda: _is_idle(cluster), f"slurmctld, see {log}:\n{log.read_text()}")
                yield cluster
    finally:
        _end_all(f"SLURM_CONF={conf}")


def _is_idle(cluster: Cluster) -> bool:
    try:
        return cluster.run("sinfo", "-h", "-o", "%T").strip() == "idle"
    except EngineFailed:  # slurmctld does not listen yet
        return False


def _end_all(variable: str) -> None:
    """Kill each process with this variable: those of tasks have no parent that is ours."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if variable.encode() in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


# ssh

_SSHD_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
MaxStartups 100
SetEnv {env}
# As on a machine where the folder is the home.
ForceCommand cd {folder} && exec sh -c "$SSH_ORIGINAL_COMMAND"
"""
_SSH_CONFIG = """
Host host1 host2
HostName 127.0.0.1
Port {port}
IdentityFile {folder}/key
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
"""


@contextmanager
def ssh(folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Runs an ssh server; gives the ssh command that knows it as `host1` and as `host2`.

    Commands run there in `folder`, with `env`.
    """
    port = free_port()
    for name in ("host_key", "key"):
        keygen = (program("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f")
        subprocess.run([*keygen, str(folder / name)], check=True)
    variables = " ".join(f'"{name}={value}"' for name, value in env.items())
    server, client = folder / "sshd_config", folder / "ssh_config"
    server.write_text(_SSHD_CONFIG.format(port=port, folder=folder, env=variables))
    client.write_text(_SSH_CONFIG.format(port=port, folder=folder))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it locks itself in
    sshd = (program("sshd", "openssh-server"), "-D", "-e", "-f", str(server))
    command = [program("ssh", "openssh-client"), "-F", str(client)]
    with _started(folder, *sshd, env=env) as log:
        wait_until(lambda: _answers(port), f"sshd:\n{log.read_text()}")
        yield shlex.join(command)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), HANGING):
        return True
    return False
