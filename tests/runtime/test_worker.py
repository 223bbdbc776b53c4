"""A thread beside requests gives way to everything else, and ends before the interpreter does."""

import os
import subprocess
import sys

import pytest

WORK = {
    "in steps": "while True: leave_at_exit(); time.sleep(0.01)",
    "that waits": "started.set()",
    "in one step": "time.sleep(0.3)",
    "that compresses": "codings()[0].best(b'abcdefghij' * 2_000_000)",
}
SCRIPT = """
import threading, time
from servestatic.runtime.worker import Worker, leave_at_exit
from servestatic.serving.compression.coders import codings
from servestatic.runtime import worker

class Thread(threading.Thread):
    def run(self):
        try:
            super().run()
        finally:
            print("left")
threading.Thread = Thread
started = threading.Event()

def work():
    started.set()
    {work}

of_ours = Worker(work)
of_ours.start()
started.wait()
print("end")
"""


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_a_thread_ends_before_the_interpreter(work: str) -> None:
    command = [sys.executable, "-c", SCRIPT.format(work=work)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("end\nleft\n", "", 0)


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has no priority of its own elsewhere")
def test_a_thread_gives_way_to_everything_else() -> None:
    ask = "import os, threading; print(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), flush=True)"
    script = f"""
import os, threading
from servestatic.runtime.worker import Worker
asked = threading.Event()

def work():
    {ask}
    asked.set()

worker = Worker(work)
worker.start()
asked.wait(20)
{ask}
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["19", f"{os.getpriority(os.PRIO_PROCESS, 0)}"]
