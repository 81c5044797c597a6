"""Tables and the plot of measured runs."""
import html
import json
import math
import re
import statistics

COLOURS = {"git cat-file": "#888888", "walk": "#3a7ca5", "keytrail": "#c1440e", "keytrail --exhaustive": "#8d6a9f",
           "keytrail, second sweep": "#4f772d"}


def size(count):
    """Bytes, for people."""
    if count is None:
        return ""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.2f} {unit}" if unit == "GB" else f"{count / factor:.0f} {unit}"
    return f"{count} B"


def median(row):
    return statistics.median(row["seconds"])


def find(result, name, threads):
    return next((row for row in result["rows"] if row["name"] == name and row["threads"] == threads), None)


def walk_beside(result, row):
    """The walk that reads what this row reads: trees too when there are findings, for these need provenance."""
    name = "walk --trees" if row.get("findings", 0) or row["name"] in ("walk --trees", "git cat-file") else "walk"
    return find(result, name, row["threads"])


def ratio(row, other):
    return f"{median(row) / median(other):.2f}" if other else ""


def peak(result, row):
    floor = result["peak_floor"]
    return f"< {size(floor)}" if row["peak_bytes"] <= floor else size(row["peak_bytes"])


HEADINGS = ["", "threads", "median", "spread", "cpu", "peak", "private", "anonymous", "objects", "expanded", "fresh",
            "findings", "/ git", "/ walk"]


def cells(result, row):
    seconds = sorted(row["seconds"])
    return [row["name"], str(row["threads"] or ""), f"{median(row):.2f} s", f"{seconds[0]:.2f}..{seconds[-1]:.2f}",
            f"{statistics.median(row['cpu_seconds']):.2f} s", peak(result, row), size(row["private_bytes"]),
            size(row.get("anonymous_bytes")), str(row.get("objects", "")), size(row.get("bytes")), size(row.get("fresh")),
            str(row.get("findings", "")), ratio(row, find(result, "git cat-file", 1)), ratio(row, walk_beside(result, row))]


def columns(result):
    """Headings and rows, without columns that nobody fills."""
    rows = [cells(result, row) for row in result["rows"]]
    used = [index for index in range(len(HEADINGS)) if any(row[index] for row in rows)]
    return [HEADINGS[index] for index in used], [[row[index] for index in used] for row in rows]


def describe(result):
    held = result["stored"]
    return (f"{held['objects']:,} objects, {held['commit']['objects']:,} commits; {size(held['pack_bytes'])} in "
            f"{held['packs']} pack{'s' if held['packs'] != 1 else ''}, {size(held['bytes'])} expanded "
            f"({size(held['tree']['bytes'])} of it trees), {size(held['inserted'])} that no delta copied")


def conditions(result):
    load = result["load_before"]
    return (f"{result['program']} ({result['source']}), {result['git']}, {result['cpu']}, {result['processors']} processors, "
            f"{result['runs']} run{'s' if result['runs'] != 1 else ''} each, {result['date']}, load before {load:.1f}")


def text_table(result):
    headings, rows = columns(result)
    widths = [max(len(row[index]) for row in [headings, *rows]) for index in range(len(headings))]
    lines = [result["repository"], describe(result), conditions(result), ""]
    for row in [headings, *rows]:
        lines.append("  ".join(cell.ljust(width) if index == 0 else cell.rjust(width)
                               for index, (cell, width) in enumerate(zip(row, widths))).rstrip())
    return "\n".join(lines)


def markdown_table(result):
    headings, rows = columns(result)
    lines = [f"### {result['repository']}", "", describe(result) + ".", "", "| " + " | ".join(headings) + " |",
             "| --- |" + " ---: |" * (len(headings) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", conditions(result) + "."])


# -- the plot --------------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, GAP = 440, 340, 62, 66, 86


def unit(count):
    """A round number of bytes, without decimals."""
    for name, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:g} {name}"
    return f"{count:g} B"


class Axis:
    """Logarithms onto pixels. Begins and ends at 1, 2 or 5 of a decade, so that little of it is empty."""

    def __init__(self, values, start, end):
        steps = [factor * 10.0 ** power for power in range(-4, 16) for factor in (1, 2, 5)]
        low = max(step for step in steps if step * 1.1 <= min(values))
        high = min(step for step in steps if step >= max(values) * 1.1)
        self.ticks = [step for step in steps if low <= step <= high]
        self.low, self.high, self.start, self.end = math.log10(low), math.log10(high), start, end

    def at(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)


def series(results):
    """{(name, threads): [(stored, expanded, median, lowest, highest)]}, the slowest first."""
    found = {}
    for result in results:
        for row in result["rows"]:
            if row["name"] in COLOURS:
                points = found.setdefault((row["name"], row["threads"]), [])
                points.append((result["stored"]["pack_bytes"], result["stored"]["bytes"], median(row), min(row["seconds"]),
                               max(row["seconds"])))
    slowest = sorted(found, key=lambda key: -max(point[2] for point in found[key]))
    return {key: sorted(found[key]) for key in slowest}


def grid(xs, ys, left):
    out = []
    for tick in xs.ticks:
        x = xs.at(tick)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT + TOP}" class="grid"/>'
                   f'<text x="{x:.1f}" y="{HEIGHT + TOP + 18}" text-anchor="middle">{unit(tick)}</text>')
    for tick in ys.ticks:
        y = ys.at(tick)
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + WIDTH}" y2="{y:.1f}" class="grid"/>'
                   f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g} s</text>')
    return out


def repository_names(names, xs):
    """Above the plot, at the height that keeps each clear of its neighbour."""
    out, ends = [], [float("-inf")] * 2
    for value, name in sorted(names):
        x, half = xs.at(value), 3.4 * len(name)
        line = 0 if x - half > ends[0] else 1
        ends[line] = x + half
        out.append(f'<line x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{HEIGHT + TOP}" class="repository"/>'
                   f'<text x="{x:.1f}" y="{TOP - 8 - 14 * line}" text-anchor="middle" class="name">{html.escape(name)}</text>')
    return out


def panel(title, lines, names, which, left):
    xs = Axis([point[which] for points in lines.values() for point in points], left, left + WIDTH)
    ys = Axis([time for points in lines.values() for point in points for time in point[2:]], HEIGHT + TOP, TOP)
    out = [f'<text x="{left + WIDTH / 2}" y="18" text-anchor="middle" font-weight="bold">{title}</text>',
           *grid(xs, ys, left), *repository_names(names, xs)]
    for (name, threads), points in lines.items():
        dash = "" if threads in (None, 1) else ' stroke-dasharray="5 3"'
        ordered = sorted(points, key=lambda point: point[which])
        path = " ".join(f"{xs.at(point[which]):.1f},{ys.at(point[2]):.1f}" for point in ordered)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.5"{dash}/>')
        for point in ordered:
            x, y = xs.at(point[which]), ys.at(point[2])
            out.append(f'<line x1="{x:.1f}" y1="{ys.at(point[3]):.1f}" x2="{x:.1f}" y2="{ys.at(point[4]):.1f}" '
                       f'stroke="{COLOURS[name]}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[name]}"/>')
    return "\n".join(out)


def plot(results):
    lines = series(results)
    names = [[(result["stored"][key], result["repository"]) for result in results] for key in ("pack_bytes", "bytes")]
    width, legend = 2 * WIDTH + LEFT + GAP + 30, HEIGHT + TOP + 46
    height = legend + 18 * ((len(lines) + 2) // 3) + 6
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12">',
           '<style>.grid{stroke:#ddd}.repository{stroke:#bbb;stroke-dasharray:1 3}.name{fill:#555}</style>',
           '<rect width="100%" height="100%" fill="white"/>',
           panel("time against bytes stored in packs", lines, names[0], 0, LEFT),
           panel("time against bytes when expanded", lines, names[1], 1, LEFT + WIDTH + GAP)]
    for index, (name, threads) in enumerate(lines):
        x, y = LEFT + 320 * (index % 3), legend + 18 * (index // 3)
        dash = "" if threads in (None, 1) else ' stroke-dasharray="5 3"'
        label = html.escape(name + (f", {threads} thread{'s' if threads > 1 else ''}" if threads else ""))
        out.append(f'<line x1="{x}" y1="{y}" x2="{x + 26}" y2="{y}" stroke="{COLOURS[name]}" stroke-width="2"{dash}/>'
                   f'<text x="{x + 32}" y="{y + 4}">{label}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def latest(files):
    """The newest result of each repository, smallest first."""
    results = {}
    for file in files:  # by date
        result = json.loads(file.read_text())
        results[result["repository"]] = result
    return sorted(results.values(), key=lambda result: result["stored"]["pack_bytes"])


def write_docs(folder, files):
    """Fills docs/speed.md between its markers, and draws docs/speed.svg."""
    results = latest(files)
    if not results:
        raise SystemExit("ci/bench: no runs in tests/bench/runs")
    (folder / "speed.svg").write_text(plot(results))
    page = folder / "speed.md"
    tables = "\n\n".join(markdown_table(result) for result in results)
    text, count = re.subn(r"(?s)(<!-- runs -->\n).*?(<!-- end of runs -->)",
                          lambda found: f"{found[1]}\n{tables}\n\n{found[2]}", page.read_text())
    if count != 1:
        raise SystemExit("ci/bench: docs/speed.md lacks its markers")
    page.write_text(text)
