"""What a section hands to the report: claims that hold, tables, plots, each with the command that makes it."""

from dataclasses import dataclass, field

# In the order of the page.
SECTIONS = ["limits", "end_to_end", "files", "flat", "growth", "serve", "build"]


@dataclass
class Table:
    head: list
    rows: list
    note: str = ""

    def markdown(self):
        lines = [self.head, ["---"] + ["---:"] * (len(self.head) - 1), *self.rows]
        text = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
        return text + ("\n\n" + self.note if self.note else "")

    def plain(self):
        rows = [self.head, *self.rows]
        widths = [max(len(str(row[i])) for row in rows) for i in range(len(self.head))]
        lines = ["  " + "  ".join([str(row[0]).ljust(widths[0])] +
                                  [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:])])
                 for row in rows]
        return "\n".join(line.rstrip() for line in lines) + ("\n  " + self.note if self.note else "")


@dataclass
class Plot:
    """Lines over one logarithmic axis: {label: [(x, y)]}."""
    name: str
    title: str
    x: str
    y: str
    lines: dict
    log_y: bool = False


@dataclass
class Claim:
    what: str
    found: str
    holds: bool
    missing: str = ""


@dataclass
class Section:
    title: str
    text: str = ""
    parts: list = field(default_factory=list)    # tables and plots, in order
    claims: list = field(default_factory=list)

    def claim(self, what, found, holds, missing=""):
        """A target that depends on the machine's speed: told, never asserted. `missing`: what it would take."""
        self.claims.append(Claim(what, found, bool(holds), missing))


def count(number):
    return f"{number:,.0f}"


def mebibytes(value):
    return f"{value / 2**20:.1f}"


def percent(part):
    return f"{100 * part:.1f} %"
