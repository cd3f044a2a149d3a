"""Small SVG plots by gnuplot."""

import re
import subprocess

STYLE = """
set terminal svg size 560,300 font 'sans,11' background '#ffffff'
set output '{file}'
set title '{title}'
set xlabel '{x}'
set ylabel '{y}'
set logscale x
set format x '10^{{%T}}'
unset mxtics
unset mytics
set grid lc '#dddddd'
set border lc '#888888'
set key {key}
set yrange [{lowest}:*]
"""


def quoted(text):
    return text.replace("'", "''")


def without_leftovers(text):
    """The picture without what gnuplot defines or opens and nothing uses."""
    text = re.sub(r"<filter .*?</filter>\s*", "", text, flags=re.S)
    shapes = r"\t<[^>]*\bid='(gp\w+)'[^>]*/>\n"
    while unused := [name for name in re.findall(shapes, text) if f"#{name}'" not in text]:
        text = re.sub(shapes, lambda found: "" if found.group(1) in unused else found.group(), text)
    while (shorter := re.sub(r"<g [^>]*>\s*</g>\n", "", text)) != text:
        text = shorter
    return re.sub(r"[ \t]+\n|\n\s*\n", "\n", text)


def draw(plot, folder):
    """The file that was written."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{plot.name}.svg"
    script = STYLE.format(file=file, title=quoted(plot.title), x=quoted(plot.x), y=quoted(plot.y),
                          key="outside right top" if len(plot.lines) > 1 else "off", lowest="*" if plot.log_y else "0")
    if plot.log_y:
        script += "set logscale y\n"
    curves = ", ".join(f"'-' with linespoints pt 7 ps 0.6 lw 2 title '{quoted(label)}'" for label in plot.lines)
    script += f"plot {curves}\n"
    for points in plot.lines.values():
        script += "".join(f"{x} {y}\n" for x, y in points) + "e\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True, capture_output=True)
    file.write_text(without_leftovers(file.read_text()))
    return file
