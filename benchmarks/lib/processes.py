"""What a process takes, as Linux tells it."""

import time


def read_cpu(pid: int) -> int:
    """Return the nanoseconds of CPU that a process has taken with all threads that it ever had.

    The clock is that of clock_getcpuclockid(3), which Linux numbers by the process; /proc/PID/stat has hundredths of a
    second only.
    """
    return time.clock_gettime_ns((~pid << 3) | 2)
