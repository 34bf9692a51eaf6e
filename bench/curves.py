"""How cost grows with a group: runs the benchmarks at many sizes and draws bench/curves/*.svg with gnuplot. Called by tools/bench.

Both axes are logarithmic: what takes the same for each item, whatever the size of the group, is a level line; a line as steep as the
dashed one grows with the group, and is wrong for anything that happens once per event.
"""

import json
import os
import subprocess

# (file, title, unit of y, name of x, [(label, program, filter of names, counter or None)])
CURVES = [
    ("lookups", "One event or id, by records in the group", "ns", "records", [
        ("bytes to verdict, an event", "bytes_bench", "Bytes/ours/records:{}/page:250"),
        ("tag text to verdict, batched", "bytes_bench", "Tags/ours/records:{}"),
        ("bare look-up, batched", "bytes_bench", "Tags/floor/records:{}"),
    ]),
    ("steps", "One input of the engine, by records in the group", "ns", "records", [
        ("notification and page with one change", "step_bench", "Step/notification_and_page/{}"),
        ("idle poll", "step_bench", "Step/idle_poll/{}"),
        ("forged notification", "step_bench", "Step/forged_notification/{}"),
    ]),
    ("calendars", "A notification and a page with one change, 5,000 records, by calendars in the group", "ns", "calendars", [
        ("one change, a block on each other calendar", "step_bench", "Step/calendars/{}"),
    ]),
    ("groups", "A notification and a page with one change, 100 records in each group, by groups in the process", "ns", "groups", [
        ("one change in one of the groups, in no order", "step_bench", "Step/groups/{}"),
    ]),
    ("wholes", "A whole group, cost of one row, by rows", "ns", "records", [
        ("first walk, an event", "step_bench", "Step/first_walk/{}"),
        ("start from stored rows, a row", "step_bench", "Step/start/{}"),
        ("first reconcile, a slot (x: events)", "reconcile_bench", "Reconcile/first/events:{}"),
    ]),
]


def sizes_in(results, pattern):
    head, tail = pattern.split("{}")
    points = []
    for name, result in results.items():
        if name.startswith(head) and name.endswith(tail):
            middle = name[len(head):len(name) - len(tail)]
            if middle.isdigit():
                points.append((int(middle), result["ns"]))
    return sorted(points)


def script(path, title, unit, over, lines):
    """What gnuplot is told; the data stand in it."""
    told = [f'set terminal svg size 760,420 dynamic background rgb "white" font "sans,13"', f'set output "{path}"', f'set title "{title}"',
            f'set xlabel "{over}"', f'set ylabel "{unit}"', "set logscale xy", 'set format x "10^{%L}"' if over == "records" else "",
            "set grid xtics ytics lt 1 lc rgb '#dddddd'", "set key below vertical maxrows 4", "set style data linespoints"]
    plots = []
    for number, (label, points) in enumerate(lines):
        told.append(f"$line{number} << END")
        told += [f"{x} {y}" for x, y in points]
        told.append("END")
        plots.append(f'$line{number} using 1:2 title "{label}" lw 2 pt 7 ps 0.5')
    first = lines[0][1][0]
    top = max(x for _, points in lines for x, _ in points)
    plots.append(f'[x={first[0]}:{top}] {first[1]}*x/{first[0]} title "proportional" dt 2 lc rgb "#999999"')
    lowest = min(y for _, points in lines for _, y in points)
    highest = max(y for _, points in lines for _, y in points)
    told.append(f"set yrange [{lowest / 2}:{highest * 3}]")
    told.append("plot " + ", \\\n  ".join(plots))
    return "\n".join(told) + "\n"


def draw(root, build, run, results_of, records):
    build(sorted({program for curve in CURVES for _, program, _ in curve[4]}))
    directory = os.path.join(root, "bench", "curves")
    os.makedirs(directory, exist_ok=True)
    results = {}
    for program in sorted({program for curve in CURVES for _, program, _ in curve[4]}):
        wanted = {pattern.split("{}")[0] for curve in CURVES for _, its, pattern in curve[4] if its == program}
        arguments = [f"--benchmark_filter=^({'|'.join(sorted(wanted))})", "--benchmark_min_time=0.05"]
        if records:
            arguments.append(f"--records_max={records}")
        results.update(results_of(run(program, arguments)))
    drawn = {}
    for file, title, unit, over, lines in CURVES:
        known = [(label, sizes_in(results, pattern)) for label, _, pattern in lines]
        known = [(label, points) for label, points in known if points]
        if not known:
            continue
        drawn[file] = {label: points for label, points in known}
        told = script(os.path.join("bench", "curves", f"{file}.svg"), title, unit, over, known)
        subprocess.run(["gnuplot"], input=told, text=True, cwd=root, check=True)
    with open(os.path.join(directory, "curves.json"), "w", encoding="utf-8") as out:
        json.dump(drawn, out, indent=1)
        out.write("\n")
    for file, curve in drawn.items():
        for label, points in curve.items():
            print(f"{file:<10} {label:<46} " + "  ".join(f"{x:,}: {y:,.0f}" for x, y in points))
    return 0
