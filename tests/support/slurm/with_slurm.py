#!/usr/bin/env python3
"""Runs a command inside a Slurm cluster of one machine that lives as long as the command.

    with_slurm.py [--cpus 8] COMMAND...
    with_slurm.py --check

munged, slurmctld and slurmd are started in a temporary folder with keys, sockets and ports of their own: no
configuration, service or daemon of the machine is read or touched. SLURM_CONF is set for the command, so that srun,
sbatch and scontrol find the cluster. The exit status is the command's, or 77 ("skipped") with one line of reason where
a cluster cannot be started: a program is missing, or the user is not root, whom slurmd needs. --check only finds that out.
"""

import argparse
import ctypes
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "scontrol")
SKIPPED = 77
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CONFIGURATION = """
ClusterName=bteval
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={daemon_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SchedulerType=sched/builtin
ReturnToService=2
KillWait=2
InactiveLimit=0
FirstJobId={first_job}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={cpus} ThreadsPerCore=1 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


def program(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def skip(reason: str) -> None:
    print(f"no Slurm: {reason}", file=sys.stderr)
    sys.exit(SKIPPED)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def cgroup_plugin() -> str:
    """None, as far as this version knows how to say so; older ones load the plugin, but have nothing to do with it."""
    version = subprocess.run([program("slurmd"), "-V"], stdout=subprocess.PIPE, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", version)
    return "disabled" if found and (int(found[1]), int(found[2])) >= (23, 11) else "cgroup/v1"


def reap() -> None:
    """Ends and collects what the daemons have left; as the subreaper this process inherits it."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    end = time.monotonic() + 5
    while pids := children.read_text().split():
        for pid in map(int, pids):
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)


class Cluster:
    """The three daemons, in the foreground as children of this process."""

    def __init__(self, folder: Path, cpus: int):
        self.folder = folder
        self.daemons: list[subprocess.Popen] = []
        host = socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            (folder / name).mkdir(mode=0o755)
        controller_port, daemon_port = free_ports(2)
        self.configuration = folder / "slurm.conf"
        self.configuration.write_text(CONFIGURATION.format(
            host=host, folder=folder, cpus=cpus, controller_port=controller_port, daemon_port=daemon_port,
            # Ports of jobs follow from their numbers: two clusters at a time must not count alike.
            first_job=random.randrange(1, 60_000_000)))
        (folder / "cgroup.conf").write_text(f"CgroupPlugin={cgroup_plugin()}\n")
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.environment = {
            # Variables of a cluster that the tests themselves may run in would mislead this one's.
            **{name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "SBATCH", "SRUN"))},
            "SLURM_CONF": str(self.configuration),
        }

    def start(self, *argv: str) -> None:
        with open(self.folder / f"{argv[0]}.out", "wb") as log:
            self.daemons.append(subprocess.Popen(
                [program(argv[0]), *argv[1:]], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment))

    def wait_until(self, what: str, holds, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not holds():
            for daemon in self.daemons:
                if daemon.poll() is not None:
                    self.fail(f"{daemon.args[0]} ended with status {daemon.returncode}")
            if time.monotonic() > end:
                self.fail(f"{what} within {seconds:g} s")
            time.sleep(0.05)

    def fail(self, reason: str) -> None:
        for log in sorted(self.folder.glob("*.out")) + sorted(self.folder.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
        sys.exit(f"the Slurm cluster does not start: {reason}")

    def idle(self) -> bool:
        result = subprocess.run([program("scontrol"), "-o", "show", "node"], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return "State=IDLE " in result.stdout

    def __enter__(self):
        try:
            munge = self.folder / "munge.socket"
            self.start("munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key",
                       f"--socket={munge}", f"--pid-file={self.folder}/munged.pid",
                       f"--seed-file={self.folder}/munged.seed", f"--log-file={self.folder}/munged.log")
            self.wait_until("munged has made no socket", munge.exists)
            self.start("slurmctld", "-D", "-c", "-f", str(self.configuration))
            self.start("slurmd", "-D", "-c", "-f", str(self.configuration))
            self.wait_until("the node is not idle", self.idle)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        reap()

    def __exit__(self, *_):
        subprocess.run([program("scancel"), "--full", "--user=root"], env=self.environment,
                       stderr=subprocess.DEVNULL, check=False)
        self.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cpus", type=int, default=8, help="that the cluster believes to have")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.command and not options.check:
        parser.error("no command")
    missing = [name for name in PROGRAMS if program(name) is None]
    if missing:
        skip(f"{', '.join(missing)} not found (Debian: slurm-wlm, munge)")
    if os.geteuid() != 0:
        skip("its daemons want to be started by root")
    if options.check:
        return 0
    # A terminated test must not leave daemons behind, nor these their own children.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bteval_slurm_") as folder, Cluster(Path(folder), options.cpus) as cluster:
        Path(folder).chmod(0o755)
        return subprocess.run(options.command, env=cluster.environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
