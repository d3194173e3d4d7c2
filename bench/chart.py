"""The verdicts as an SVG: a bar for each figure beside its peers or its limit, a mark where the target is."""

from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 1080, 560, 90, 26, 74
LONGEST = 1.4  # what the axis ends with; longer bars are cut, their figure is written out


def svg(about, sections):
    ratios = [verdict for section in sections for verdict in section.verdicts if verdict.is_ratio_to_peers]
    height = TOP + ROW * len(ratios) + 44
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
             'font-family="sans-serif" font-size="13">', f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
             '<text x="16" y="26" font-size="17" font-weight="bold">CPU per request: reseal ÷ best peer (shorter is better)</text>',
             f'<text x="16" y="48" fill="#555">{escape(about["date"])} · {about["cpus"]} × {escape(about["model"])} · '
             'black mark: target</text>']

    def at(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * min(value, LONGEST) / LONGEST

    bottom = TOP + ROW * len(ratios)
    for tick in (0, 0.25, 0.5, 0.75, 1.0, 1.25):
        colour, dashes = ("#333", "") if tick == 1 else ("#ccc", ' stroke-dasharray="2 3"')
        parts += [f'<line x1="{at(tick):.1f}" y1="{TOP - 6}" x2="{at(tick):.1f}" y2="{bottom}" stroke="{colour}"{dashes}/>',
                  f'<text x="{at(tick):.1f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{tick:g}</text>']
    for number, verdict in enumerate(ratios):
        y = TOP + ROW * number
        colour = "#2e8b57" if verdict.reached else "#d9822b" if verdict.value <= 1 else "#c0392b"
        parts += [f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(verdict.what)}</text>',
                  f'<rect x="{LEFT}" y="{y + 2}" width="{at(verdict.value) - LEFT:.1f}" height="16" fill="{colour}">'
                  f'<title>{escape(verdict.sentence())}</title></rect>',
                  f'<line x1="{at(verdict.limit):.1f}" y1="{y - 1}" x2="{at(verdict.limit):.1f}" y2="{y + 21}" stroke="#000" '
                  'stroke-width="3"/>',
                  f'<text x="{max(at(verdict.value), at(verdict.limit)) + 8:.1f}" y="{y + 14}">{verdict.value:.2f}</text>']
    parts.append(f'<text x="16" y="{height - 8}" fill="#555">green: target reached · orange: ahead of every peer, target not '
                 'reached · red: a peer is ahead</text>')
    return "\n".join([*parts, "</svg>", ""])
