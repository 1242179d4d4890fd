"""Client of one worker process. A worker that is not asked is stopped, so that threads which wait by spinning cost the
others nothing; the first samples after it goes on are not counted."""
import os
import signal
import subprocess


def first_cores(count):
    """CPUs of `count` different physical cores among those allowed: the last ones, for interrupts go to the first."""
    cores = {}
    for cpu in sorted(os.sched_getaffinity(0)):
        try:
            with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", encoding="ascii") as file:
                siblings = file.read().strip()
        except OSError:
            siblings = str(cpu)
        cores.setdefault(siblings, cpu)
    return set(sorted(cores.values())[-count:])


class WorkerError(Exception):
    pass


class Worker:
    def __init__(self, command, cores, log, environment=None):
        self.log = log
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            env={**os.environ, **(environment or {})}, text=True, bufsize=1,
                                            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        try:
            self.greeting = self.line()
            if not self.greeting.startswith("ready"):
                raise WorkerError(self.greeting)
        except WorkerError:
            self.close()
            raise
        self.pause()

    def line(self):
        line = self.process.stdout.readline()
        if line:
            return line.rstrip("\n")
        code = self.process.wait()
        with open(self.log, encoding="utf-8", errors="replace") as file:
            last = [part for part in file.read().splitlines() if part.strip()][-1:]
        raise WorkerError(f"it ended with {code}: {last[0] if last else 'no message'}")

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, *words):
        """The answer's words after "ok"."""
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            answer = self.line()
        except BrokenPipeError as error:
            raise WorkerError("it ended") from error
        if self.process.poll() is None:
            self.pause()
        if not answer.startswith("ok"):
            raise WorkerError(answer)
        return answer.split()[1:]

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # what it was asked last
        self.process.stdout.close()
