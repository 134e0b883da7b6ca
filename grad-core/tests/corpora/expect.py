"""Writes what is expected at each point of a data file, in place: value, gradient and Hessian by central differences
at many digits of the formula as `language.py` reads it, and how far a relative change of 1 in the inputs moves each.

    python3 expect.py stability.txt …      (needs mpmath)

A point `by hand` is left as it is: there the derivative is a limit or a convention, which the line names.
"""

import re
import sys

from mpmath import mp, mpf

from language import Formula, flat

# Digits are doubled until no double among the numbers changes. Where an input is 0 there is no scale to take a step from:
# one below all doubles, and digits for its third power.
FEWEST_DIGITS, MOST_DIGITS = 400, 6400
STEP, STEP_AT_0, DIGITS_AT_0 = "1e-40", "1e-320", 1600


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

    def __init__(self, f, point, active):
        self.f, self.point, self.active, self.seen = f, point, active, {}
        self.steps = [abs(x) * mpf(STEP) or mpf(STEP_AT_0) for x in point]

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


def expected(formula, point, hessian=True):
    """(value, gradient, Hessian), and the same of how far the inputs move them, as text."""
    digits = DIGITS_AT_0 if 0 in flat(list(point.values())) else FEWEST_DIGITS
    before = None
    while digits <= MOST_DIGITS:
        mp.dps = digits
        numbers, moves = at_digits(formula, point, hessian)
        now = line(numbers), line(moves, 2)
        if now == before:
            return now
        before, digits = now, 2 * digits
    raise ArithmeticError(f"{MOST_DIGITS} digits are not enough: {before}")


def at_digits(formula, point, hessian):
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

    d = Differences(f, flattened, active)
    size = [abs(x) for x in flattened]

    def moved(*axes):
        return sum((size[k] * abs(d.along(*sorted((*axes, k)))) for k in active if size[k]), mpf(0))

    numbers = [d.along(), [d.along(j) for j in active]]
    moves = [moved(), [moved(j) for j in active]]
    if hessian:
        numbers.append([[d.along(*sorted((j, k))) for k in active] for j in active])
        moves.append([[moved(j, k) for k in active] for j in active])
    return numbers, moves


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


def rewritten(text, name, hessian=True):
    blocks = text.split("\n\n")
    out = [blocks[0]]
    for block in blocks[1:]:
        lines = block.rstrip("\n").split("\n")
        source = "\n".join(line for line in lines if not re.match(r"# at |#   ", line))
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
                numbers, moves = expected(formula, point, hessian)
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
