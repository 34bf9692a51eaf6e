"""Instructions of the hottest paths, counted by callgrind and compared with instructions.json. Called by tools/bench.

Counts depend on the compiler, the C library and the libraries that are linked, so each file of counts names its toolchain, and
on another one nothing is compared. simdjson's implementation is pinned: it would choose another one on another processor.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

TOLERANCE = 0.03  # Counts are exact; layout of hash tables and inlining of neighbours move them a little.
IMPLEMENTATION = "westmere"
PACKAGES = ("g++", "libc6", "libsimdjson-dev", "libabsl-dev", "valgrind")


def toolchain():
    """Versions of what decides how many instructions there are; empty strings for what is not Debian's."""
    versions = {}
    for package in PACKAGES:
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False)
        versions[package] = done.stdout if done.returncode == 0 else ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = re.search(r"^flags\s*:(.*)$", file.read(), re.MULTILINE)
    # The C library chooses by these; callgrind shows it no more than AVX2.
    versions["avx2"] = "yes" if flags and " avx2 " in flags.group(1) + " " else "no"
    return versions


def count(binary, name):
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "out")
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}", binary, name],
            env={**os.environ, "SIMDJSON_FORCE_IMPLEMENTATION": IMPLEMENTATION}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
        with open(out, encoding="utf-8") as file:
            totals = [int(number) for number in re.findall(r"^totals: (\d+)", file.read(), re.MULTILINE)]
        if not any(totals):
            raise RuntimeError(f"callgrind counted nothing of {name}")
        return sum(totals)


def check(root, build, update):
    path = os.path.join(root, "bench", "instructions.json")
    kept = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
    here = toolchain()
    if not update and (kept is None or kept["toolchain"] != here):
        differs = [name for name in here if kept is None or kept["toolchain"].get(name) != here[name]]
        print(f"skipped: the counts are of another toolchain ({', '.join(differs)}); `tools/bench --instructions --update` counts anew")
        return 0
    build(["hot_paths"])
    binary = os.path.join(root, "build", "bench", "bench", "hot_paths")
    listed = subprocess.run([binary, "--list"], capture_output=True, text=True, check=True).stdout.split()
    items = {name: int(number) for name, number in zip(listed[::2], listed[1::2])}
    counts = {}
    grown = []
    gone = [] if update or kept is None else sorted(set(kept["instructions_an_item"]) - set(items))
    print(f"{'path':<10} {'instructions an item':>20} {'kept':>10}")
    for name, number in items.items():
        counts[name] = round(count(binary, name) / number, 1)
        before = kept["instructions_an_item"].get(name) if kept else None
        verdict = ""
        if before is not None and not update:
            if counts[name] > before * (1 + TOLERANCE):
                grown.append(name)
                verdict = f"grown by {counts[name] / before - 1:.1%}"
            elif counts[name] < before * (1 - TOLERANCE):
                verdict = "fewer: --update keeps it so"
        print(f"{name:<10} {counts[name]:>20,.1f} {before if before is not None else '':>10} {verdict}".rstrip())
    if update:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"toolchain": here, "simdjson": IMPLEMENTATION, "instructions_an_item": counts}, file, indent=1)
            file.write("\n")
        return 0
    if grown:
        print(f"tools/bench: {', '.join(grown)}: more instructions than were kept, by more than {TOLERANCE:.0%}", file=sys.stderr)
    if gone:
        print(f"tools/bench: {', '.join(gone)}: counted once, and not any more; --update forgets it", file=sys.stderr)
    return 1 if grown or gone else 0
