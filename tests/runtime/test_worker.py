"""A thread beside requests ends before the interpreter does."""

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
