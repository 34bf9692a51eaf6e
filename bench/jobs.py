"""What a second job brings to `calsync simulate`, beside what this machine gives two processes that share nothing. Called by tools/bench."""

import os
import subprocess
import time

ROUNDS = 4       # In turn; the best of each counts, since others use the machine, too.
SEEDS = 600      # Of one job.


def simulate(calsync, first, seeds, jobs):
    return subprocess.Popen([calsync, "simulate", "--from", str(first), "--seeds", str(seeds), "--jobs", str(jobs)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def nanoseconds_of_a_seed(processes, seeds):
    """By the wall, from their start until the last of them has ended."""
    begun = time.monotonic()
    for process in [start() for start in processes]:
        if process.wait() != 0:
            raise AssertionError("a seed broke a law")
    return {"ns": 1e9 * (time.monotonic() - begun) / seeds}


def measure(_, build):
    calsync = os.path.join(build, "tools", "calsync")
    runs = {
        "Jobs/one": ([lambda: simulate(calsync, 1, 2 * SEEDS, 1)], 2 * SEEDS),
        "Jobs/two": ([lambda: simulate(calsync, 1, 2 * SEEDS, 2)], 2 * SEEDS),
        "Jobs/apart": ([lambda: simulate(calsync, 1, SEEDS, 1), lambda: simulate(calsync, 1 + SEEDS, SEEDS, 1)], 2 * SEEDS),
    }
    results = {}
    for _ in range(ROUNDS):
        for name, (processes, seeds) in runs.items():
            took = nanoseconds_of_a_seed(processes, seeds)
            if name not in results or took["ns"] < results[name]["ns"]:
                results[name] = took
    return results
