"""Child processes that die with the test run, whatever ends it."""

import ctypes
import os
import signal
import subprocess

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, log_path=None, **options):
    """Starts a process whose output goes to `log_path` (appended), or to the given pipes."""
    if log_path is not None:
        log = open(log_path, "ab")
        options.update(stdout=log, stderr=subprocess.STDOUT)
    options.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(command, preexec_fn=_die_with_parent, **options)
    if log_path is not None:
        log.close()
    return process


def stop(process, with_signal=signal.SIGTERM, seconds=15):
    """Ends the process and returns its exit code; SIGKILL when it does not end in time."""
    if process is None:
        return None
    if process.poll() is None:
        try:
            if with_signal != signal.SIGKILL:  # which ends a stopped process, too, before it does anything more
                os.kill(process.pid, signal.SIGCONT)
            process.send_signal(with_signal)
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    return process.returncode
