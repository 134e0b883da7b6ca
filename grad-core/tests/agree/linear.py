"""Writes linear.grad: determinants, inverses and linear systems with their gradients, by mpmath at 80 digits.

Run: python linear.py > linear.grad. The gradients are central differences with steps of 1e-25, so good to 50 digits. Every
formula is written for a fixed and for a symbolic number of rows, which are lowered in different ways.
"""
import random

import mpmath
from mpmath import mp, mpf, matrix

mp.dps = 80


def det(a):
    """By the first row: right at singular matrices too."""
    n = a.rows
    if n == 0:
        return mpf(1)
    total = mpf(0)
    for j in range(n):
        below = matrix(n - 1, n - 1) if n > 1 else None
        if below is not None:
            for r in range(1, n):
                for c in range(n - 1):
                    below[r - 1, c] = a[r, c if c < j else c + 1]
        total += (-1) ** j * a[0, j] * (det(below) if below is not None else 1)
    return total


def trace(a):
    return sum(a[k, k] for k in range(a.rows))


def total(a):
    return sum(a[k, j] for k in range(a.rows) for j in range(a.cols))


def dot(x, y):
    return sum(x[k] * y[k] for k in range(len(x)))


# formula, the parameters in order of their declaration, the same in mpmath, whether it may be singular
FORMULAS = [
    ("det(A)", "A", lambda A: det(A), True),
    ("logdet(A)", "A", lambda A: mpmath.log(det(A)), False),
    ("ln(det(A' @ A))", "A", lambda A: mpmath.log(det(A.T * A)), False),
    ("trace(inv(A) @ C)", "AC", lambda A, C: trace(A**-1 * C), False),
    ("sum(inv(A)^2)", "A", lambda A: sum(x * x for x in A**-1), False),
    ("b @ solve(A, b)", "Ab", lambda A, b: dot(b, mpmath.lu_solve(A, b)), False),
    ("norm(solve(A', b) - b)^2", "Ab", lambda A, b: sum(x * x for x in mpmath.lu_solve(A.T, b) - b), False),
    ("trace(solve(A, C))", "AC", lambda A, C: trace(A**-1 * C), False),
    ("det(A @ C) / det(C)", "AC", lambda A, C: det(A * C) / det(C), False),
    ("logdet(A @ A' + C @ C')", "AC", lambda A, C: mpmath.log(det(A * A.T + C * C.T)), False),
]
SHAPES = {"A": 2, "C": 2, "b": 1}


def number(x):
    return mpmath.nstr(x, 17, min_fixed=-5, max_fixed=17) if x else "0.0"


def text(name, value):
    if SHAPES[name] == 1:
        return "[" + ", ".join(number(x) for x in value) + "]"
    rows = ("[" + ", ".join(number(value[r, c]) for c in range(value.cols)) + "]" for r in range(value.rows))
    return "[" + ", ".join(rows) + "]"


def entry(source, names, f, n, values):
    h = mpf("1e-25")
    gradient = []
    for k, value in enumerate(values):
        for place in [(r, c) for r in range(value.rows) for c in range(value.cols)]:
            sides = []
            for step in (h, -h):
                moved = [v.copy() for v in values]
                moved[k][place] += step
                sides.append(f(*moved))
            gradient.append((sides[0] - sides[1]) / (2 * h))
    at = ", ".join(f"{name}={text(name, v)}" for name, v in zip(names, values))
    return f"# at {at} -> {number(f(*values))}, [" + ", ".join(number(g) if abs(g) > 1e-40 else "0.0" for g in gradient) + "]"


def main():
    rng = random.Random(7)
    print("# Formulas of matrices, for fixed and for symbolic sizes, with values and gradients; written by linear.py.\n")

    def draw(name, n):
        value = matrix(n, n if SHAPES[name] == 2 else 1)
        for place in [(r, c) for r in range(value.rows) for c in range(value.cols)]:
            value[place] = mpf(rng.randint(-40, 40)) / 16
        return value

    for source, names, f, singular in FORMULAS:
        for n in (1, 2, 3, 4, 5) if singular else (1, 2, 3, 4):
            while True:
                values = [draw(name, n) for name in names]
                if all(0.5 < det(v) < 40 for name, v in zip(names, values) if SHAPES[name] == 2):
                    break
            lines = [entry(source, names, f, n, values)]
            if singular and n > 1:
                for rank in range(n):
                    left, right = matrix(n, max(rank, 1)), matrix(max(rank, 1), n)
                    for m in (left, right):
                        for place in [(r, c) for r in range(m.rows) for c in range(m.cols)]:
                            m[place] = mpf(rng.randint(-3, 3)) * (rank > 0)
                    lines.append(entry(source, names, f, n, [left * right]))
            # What is written out for a few rows differs from one number to the next, the loops do not.
            for size in (str(n), "n") if singular else {1: ("n",), 2: ("2",), 3: ("3",), 4: ("4", "n")}[n]:
                shapes = ", ".join(f"{name}: [{', '.join([size] * SHAPES[name])}]" for name in names)
                print(f"{shapes}; {source}")
                print("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
