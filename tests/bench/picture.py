"""Turns the figures of bench.py into a table for people, and a chart."""

# What each measurement is compared with: itself, and the name of the program in the same place.
BESIDE = {
    "refresh, 1 clients": "hello", "refresh, 64 clients": "hello", "refresh, 256 clients": "hello",
    "device list": "hello", "login": "argon2id alone",
    "verify by gate cookie": "hello behind auth_request",
    "verify by a token seen before": "hello behind auth_request",
    "verify by a token not seen before": "hello behind auth_request",
    "Express: refresh, ES256, SQLite FULL": "hello", "Express: refresh, HS256, nothing stored": "hello",
    "Express: verify, HS256": "hello behind auth_request", "Express: verify, ES256": "hello behind auth_request",
}
WIDTH, BAR, LEFT = 760, 22, 300


def rows(results):
    """(measurement, its ratio to what it is compared with), where both are there."""
    found = {each["name"]: each for group in results.values() for each in group if "rate" in each}
    for name, each in found.items():
        beside = found.get(BESIDE.get(name))
        yield each, beside, each["rate"] / beside["rate"] if beside and beside["rate"] else None


def table(results):
    lines = ["| what | requests/s | lowest to highest | of | CPU, us | p50, p99 in ms |", "|---|---|---|---|---|---|"]
    for each, beside, part in rows(results):
        of = f"{part:.2f} of {beside['name']}" if part is not None else ""
        lines.append(f"| {each['name']} | {each['rate']:,.0f} | {each['lowest']:,.0f} to {each['highest']:,.0f} | {of} | "
                     f"{each['cpu_us']:.0f} | {each['p50_ms']:.2f}, {each['p99_ms']:.2f} |")
    for group in results.values():
        for each in group:
            if "rate" not in each:
                facts = ", ".join(f"{key} {value:.1f}" for key, value in each.items() if key != "name")
                lines.append(f"| {each['name']} | | | {facts} | | |")
    return "\n".join(lines) + "\n"


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def chart(results):
    """Bars: the ratio of each measurement to what it is compared with, which is the line at 1."""
    bars = [(each["name"], part) for each, _, part in rows(results) if part is not None]
    most = max([1.0, *(part for _, part in bars)])
    scale = (WIDTH - LEFT - 70) / most
    height = (BAR + 8) * len(bars) + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
           f'font-size="13"><rect width="100%" height="100%" fill="#fff"/>']
    for i, (name, part) in enumerate(bars):
        top = 12 + i * (BAR + 8)
        colour = "#8a8f98" if name.startswith("Express") else "#2f6f4f"
        out.append(f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end">{escaped(name)}</text>'
                   f'<rect x="{LEFT}" y="{top}" width="{part * scale:.1f}" height="{BAR}" fill="{colour}"/>'
                   f'<text x="{LEFT + part * scale + 6:.1f}" y="{top + 15}">{part:.2f}</text>')
    line = LEFT + scale
    out.append(f'<line x1="{line:.1f}" y1="6" x2="{line:.1f}" y2="{height - 26}" stroke="#333" stroke-dasharray="4 3"/>'
               f'<text x="{line:.1f}" y="{height - 10}" text-anchor="middle">what it is told beside</text></svg>')
    return "\n".join(out) + "\n"
