"""Writes what is expected at each point of a data file, in place: value, gradient and Hessian by central differences
at many digits of the formula as `language.py` reads it, and how far a relative change of 1 in the inputs moves each.

    python3 expect.py stability.txt …      (needs mpmath)

A point `by hand` is left as it is: there the derivative is a limit or a convention, which the line names. A closed form of
a gradient is compared with the differences.
"""

import re
import sys

from mpmath import mp, mpf

from language import Formula, flat

# Digits are doubled until no double among the numbers changes. A step is the input by a tenth of the digits. An input of 0
# gives none: its step is below all doubles, unless the file says that its zeros are of scale 1.
FEWEST_DIGITS, FEWEST_DIGITS_AT_0, MOST_DIGITS = 160, 1600, 12800
SCALE_1 = "zeros are of scale 1"


def parts(text):
    """Splits at the commas that stand in no bracket."""
    out, depth = [""], 0
    for c in text:
        depth += (c == "[") - (c == "]")
        if c == "," and depth == 0:
            out.append("")
        else:
            out[-1] += c
    return [part.strip() for part in out]


def read(text):
    if text.startswith("["):
        return [read(part) for part in parts(text[1:-1])]
    return float(text)


def rebuilt(like, numbers):
    return [rebuilt(x, numbers) for x in like] if isinstance(like, list) else next(numbers)


class Differences:
    """Derivatives of a function of a list of numbers by central differences; what was evaluated is kept."""

    def __init__(self, f, point, tiny):
        self.f, self.point, self.seen = f, point, {}
        step = mpf(10) ** -(mp.dps // 10)
        self.steps = [abs(x) * step or (mpf("1e-320") if tiny else step) for x in point]

    def at(self, offsets):
        if offsets not in self.seen:
            moved = [x + k * h for x, k, h in zip(self.point, offsets, self.steps, strict=True)]
            self.seen[offsets] = self.f(moved)
        return self.seen[offsets]

    def along(self, *axes):
        """The derivative along each of `axes` in turn."""
        terms = {(0,) * len(self.point): 1}
        for axis in axes:
            next_terms = {}
            for offsets, weight in terms.items():
                for sign in (1, -1):
                    moved = offsets[:axis] + (offsets[axis] + sign,) + offsets[axis + 1 :]
                    next_terms[moved] = next_terms.get(moved, 0) + sign * weight
            terms = next_terms
        total = sum((weight * self.at(offsets) for offsets, weight in terms.items() if weight), mpf(0))
        for axis in axes:
            total /= 2 * self.steps[axis]
        return total


def expected(formula, point, tiny):
    """(value, gradient, Hessian), and the same of how far the inputs move them, as text."""
    digits = FEWEST_DIGITS_AT_0 if tiny and 0 in flat(list(point.values())) else FEWEST_DIGITS
    before = None
    while digits <= MOST_DIGITS:
        mp.dps = digits
        numbers, moves = at_digits(formula, point, tiny)
        if not tiny:
            numbers, moves = without_rest(numbers, moves, point)
        now = line(numbers), line(moves, 2)
        if now == before:
            return now
        before, digits = now, 2 * digits
    raise ArithmeticError(f"{MOST_DIGITS} digits are not enough: {before}")


def without_rest(numbers, moves, point):
    """Both, with 0 for what is lost beside the largest of all in the unit of the value: the error of the differences."""
    size = [abs(mpf(x)) or mpf(1) for value in point.values() for x in flat(value)][: len(numbers[1])]
    units = [mpf(1), size, [[x * y for y in size] for x in size]]
    scaled = [abs(x) * unit for part in (numbers, moves) for x, unit in zip(flat(part), flat(units), strict=True)]
    least = mpf("1e-20") * max(scaled)
    kept = [
        x if abs(x) * unit > least else mpf(0) for part in (numbers, moves) for x, unit in zip(flat(part), flat(units))
    ]
    kept = iter(kept)
    return rebuilt(numbers, kept), rebuilt(moves, kept)


def at_digits(formula, point, tiny):
    names = list(point)
    integers = {name for name in names if "index" in formula.declared.get(name, [])}
    flattened = [mpf(x) for name in names for x in flat(point[name])]
    active = [
        k for k, name in enumerate(n for n in names for _ in flat(point[n])) if name not in integers
    ]  # fmt: skip

    def f(numbers):
        numbers = iter(numbers)
        env = {name: rebuilt(point[name], numbers) for name in names}
        for name in integers:
            env[name] = int(env[name]) if not isinstance(env[name], list) else [int(k) for k in env[name]]
        return mpf(formula.value(env))

    d = Differences(f, flattened, tiny)
    size = [abs(x) for x in flattened]

    def moved(*axes):
        return sum((size[k] * abs(d.along(*sorted((*axes, k)))) for k in active if size[k]), mpf(0))

    def parts(f):
        return [f(), [f(j) for j in active], [[f(*sorted((j, k))) for k in active] for j in active]]

    return parts(d.along), parts(moved)


def check_closed(source, lines, formula, point):
    """The lines `# gradient X = …` against differences."""
    header = [line for line in source.splitlines() if line.endswith(";")]
    mp.dps = FEWEST_DIGITS
    (_, gradient, _), _ = at_digits(formula, point, False)
    at = 0
    for name, value in point.items():
        mine = gradient[at : at + len(flat(value))]
        at += len(mine)
        for closed in (line.split(" = ", 1)[1] for line in lines if line.startswith(f"# gradient {name} = ")):
            due = flat(Formula("\n".join([*header, closed])).value(
                {name: rebuilt(value, iter([mpf(x) for x in flat(value)])) for name, value in point.items()}
            ))
            if any(abs(x - y) > mpf("1e-20") * (1 + abs(y)) for x, y in zip(mine, due, strict=True)):
                raise ValueError(f"the gradient by {name} is {shown(mine)}, {closed} is {shown(due)}")


def shown(x, digits=None):
    if isinstance(x, list):
        return "[" + ", ".join(shown(y, digits) for y in x) + "]"
    try:
        x = float(x)
    except OverflowError:
        x = float("inf") * int(mp.sign(x))
    if digits:
        # Rounded up: it widens a tolerance.
        return f"{x * 1.05:.{digits}g}"
    return repr(x) if x else "0.0"


def line(numbers, digits=None):
    return ", ".join(shown(x, digits) for x in numbers)


def rewritten(text, name):
    blocks = text.split("\n\n")
    out = [blocks[0]]
    tiny = SCALE_1 not in " ".join(blocks[0].replace("#", " ").split())
    for block in blocks[1:]:
        lines = block.rstrip("\n").split("\n")
        source = "\n".join(line for line in lines if not re.match(r"# (at|minimum|gradient) |#   ", line))
        formula = None
        kept = []
        for k, entry in enumerate(lines):
            if not entry.startswith("# at "):
                by_hand = kept and kept[-1].startswith("#   by hand")
                if not re.match(r"#   (->|~) ", entry) or by_hand or (len(kept) > 1 and "by hand" in kept[-2]):
                    kept.append(entry)
                continue
            kept.append(entry)
            if k + 1 < len(lines) and lines[k + 1].startswith("#   by hand"):
                continue
            try:
                formula = formula or Formula(source)
                point = dict(part.split("=", 1) for part in parts(entry.removeprefix("# at ")))
                point = {name.strip(): read(value) for name, value in point.items()}
                if list(point) != formula.params:
                    raise ValueError(f"{list(point)} is given, {formula.params} is asked for")
                check_closed(source, lines, formula, point)
                numbers, moves = expected(formula, point, tiny)
            except Exception as error:
                raise SystemExit(f"{name}: {source}\n{entry}\n{type(error).__name__}: {error}") from error
            kept += [f"#   -> {numbers}", f"#   ~ {moves}"]
        out.append("\n".join(kept))
    return "\n\n".join(out) + "\n"


if __name__ == "__main__":
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            text = rewritten(file.read().rstrip("\n"), path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
