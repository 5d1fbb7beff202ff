# SPDX-License-Identifier: BSD-2-Clause
"""A flame graph as SVG for a page: where the hypervisor's instructions went. Each box is a function, as wide as
the samples in which it was called by the box below it; colours are the page's."""

import html

WIDTH, LINE, LEAST = 1000, 18, 1.5  # of the drawing, of a box, of a box that is drawn at all
LETTER = 6.6                        # of text of 11 points, about
SHADES = 5                          # of the style sheet: --flame0 and so on


def tree(stacks):
    """{name: [samples, tree of what it called]} of [["outer;inner", count]]."""
    root = {}
    for stack, count in stacks:
        level = root
        for name in stack.split(";"):
            node = level.setdefault(name, [0, {}])
            node[0] += count
            level = node[1]
    return root


def inside(stacks):
    """Those of the hypervisor."""
    return [(stack, count) for stack, count in stacks if stack != "guest"]


def depth(level):
    return 1 + max((depth(below) for _, below in level.values()), default=0) if level else 0


def boxes(level, total, left=0.0, up=0):
    """(name, samples, left, width, how far up) from the outermost, the most first."""
    for name, (count, above) in sorted(level.items(), key=lambda item: (-item[1][0], item[0])):
        width = count / total * WIDTH
        if width >= LEAST:
            yield name, count, left, width, up
            yield from boxes(above, total, left, up + 1)
        left += width


def svg(stacks):
    """The drawing, or "" when no sample was in the hypervisor."""
    root = tree(inside(stacks))
    total = sum(count for count, _ in root.values())
    if not total:
        return ""
    high = depth(root) * LINE
    parts = [f'<svg class="flame" viewBox="0 0 {WIDTH} {high}" role="img" xmlns="http://www.w3.org/2000/svg">']
    for name, count, left, width, up in boxes(root, total):
        shown = html.escape(name)
        top, shade = high - (up + 1) * LINE, sum(name.encode()) % SHADES
        parts.append(f'<g><title>{shown}: {count} samples, {count / total:.1%}</title><rect x="{left:.1f}" y="{top}" '
                     f'width="{max(width - 0.5, 0.5):.1f}" height="{LINE - 1}" fill="var(--flame{shade})"/>')
        room = int((width - 6) / LETTER)
        if room >= 3:
            cut = shown if len(name) <= room else html.escape(name[:room - 1]) + "…"
            parts.append(f'<text x="{left + 3:.1f}" y="{top + LINE - 6}">{cut}</text>')
        parts.append("</g>")
    return "".join(parts) + "</svg>"


def read(path):
    """[["outer;inner", count]] of a file of bench/sampler.py, most first; [] when there is none."""
    if not path.exists():
        return []
    lines = [line.rpartition(" ") for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted(([stack, int(count)] for stack, _, count in lines if stack), key=lambda s: (-s[1], s[0]))
