"""Writes peers.csv: how many operations the gradients of formulas.txt have in SymPy 1.14.0 and CasADi 3.8.2 (Python 3.11).

Run: python peers.py > peers.csv. A row is a name and, of SymPy and of CasADi, the operations of the value and of the
value with the gradient. The unit is that of main.rs: a sum of n terms is n - 1, a product of n factors n - 1, a factor
to a negative power a division, a square root or a function 1, a power with an integer exponent its multiplications by
squaring, and a term or factor of -1 nothing where a subtraction takes it. Vectors have 8 elements.
"""
import math
import os
import re

import casadi
import sympy
from sympy import Symbol

N = 8


def squarings(n):
    """The multiplications of a power by squaring."""
    return n.bit_length() - 1 + bin(n).count("1") - 1


def operations(e):
    """The operations of one SymPy expression."""
    if e.is_Atom or e.is_number and not e.free_symbols and not e.has(sympy.Function):
        return 0
    if e.is_Add:
        # A coefficient -1 makes a subtraction; a sum of nothing but such terms is negated once.
        negative = [t for t in e.args if t.could_extract_minus_sign()]
        terms = [-t if t in negative else t for t in e.args]
        return sum(map(operations, terms)) + len(terms) - 1 + (len(negative) == len(terms))
    if e.is_Mul:
        sign, factors = (1, list((-e).as_ordered_factors())) if e.could_extract_minus_sign() else (0, list(e.as_ordered_factors()))
        above = [f for f in factors if not (f.is_Pow and f.exp.is_number and f.exp < 0)]
        below = [1 / f for f in factors if f not in above]
        numbers = [f for f in above if f.is_number]
        rest = [f for f in above if not f.is_number]
        folded = [f for f in numbers if f != 1][:1]
        count = sum(map(operations, rest + below)) + sign
        return count + max(len(rest) + len(folded) - 1, 0) + max(len(below) - 1, 0) + (1 if below else 0)
    if e.is_Pow:
        base, exponent = e.base, e.exp
        if exponent.is_number and exponent < 0:
            return operations(base ** -exponent) + 1
        if exponent.is_Integer:
            return operations(base) + squarings(int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            return operations(base) + 1 + squarings(int(exponent.p))
        return operations(base) + operations(exponent) + 1
    return sum(map(operations, e.args)) + 1


def by_sympy(f, wrt):
    counts = []
    for results in ([f], [f] + [sympy.diff(f, x) for x in wrt]):
        shared, results = sympy.cse(results)
        counts.append(sum(operations(e) for _, e in shared) + sum(map(operations, results)))
    return counts


def by_casadi(f, wrt):
    counts = []
    free = {casadi.OP_CONST, casadi.OP_INPUT, casadi.OP_OUTPUT, casadi.OP_PARAMETER}
    for results in ([f], [f, casadi.gradient(f, casadi.vertcat(*wrt))]):
        function = casadi.Function("f", wrt, casadi.cse(results))
        codes = [function.instruction_id(k) for k in range(function.n_instructions())]
        counts.append(sum(code not in free for code in codes))
    return counts


class Sympy:
    """The functions of formulas in SymPy."""

    exp, ln, sqrt, sin, cos, pi = sympy.exp, sympy.log, sympy.sqrt, sympy.sin, sympy.cos, sympy.pi
    count = staticmethod(by_sympy)

    @staticmethod
    def variable(name):
        return Symbol(name, real=True)

    @staticmethod
    def literal(text):
        return sympy.Rational(text)


class Casadi:
    """The functions of formulas in CasADi."""

    exp, ln, sqrt, sin, cos, pi = casadi.exp, casadi.log, casadi.sqrt, casadi.sin, casadi.cos, math.pi
    count = staticmethod(by_casadi)
    variable = staticmethod(casadi.SX.sym)
    literal = staticmethod(float)


def total(terms):
    terms = list(terms)
    return sum(terms[1:], terms[0])


# Formulas of vectors, written out: a function of the library and of a maker of vectors.
VECTORS = {
    "Rosenbrock, n variables": lambda m, v: (lambda x: total((1 - x[i]) ** 2 + 100 * (x[i + 1] - x[i] ** 2) ** 2 for i in range(N - 1)))(v("x", N)),
    "squared distance of vectors": lambda m, v: (lambda x, y: total((a - b) ** 2 for a, b in zip(x, y)))(v("x", N), v("y", N)),
    "dot product": lambda m, v: (lambda x, y: total(a * b for a, b in zip(x, y)))(v("x", N), v("y", N)),
    "softmax cross-entropy": lambda m, v: (lambda x: m.ln(total(map(m.exp, x))) - x[3])(v("x", N)),
    "log-sum-exp": lambda m, v: (lambda x: m.ln(total(map(m.exp, x))))(v("x", N)),
    "least squares": lambda m, v: (
        lambda w, x, y: total((total(x[N * i + j] * w[j] for j in range(N)) - y[i]) ** 2 for i in range(N))
    )(v("w", N), v("x", N * N), v("y", N)),
}


def scalars(m, source, variable):
    """A formula of scalars, with its definitions."""
    names = {name: getattr(m, name) for name in ("exp", "ln", "sqrt", "sin", "cos", "pi")}
    names["literal"] = m.literal
    for part in source.split(";"):
        name, _, value = part.strip().removeprefix("let ").rpartition(" = ")
        value = re.sub(r"(?<![\w.])(\d+\.?\d*)", r'literal("\1")', value.replace("^", "**"))
        # Exponents stay integers of Python.
        value = re.sub(r'\*\*literal\("(\d+)"\)', r"**\1", value)
        for word in re.findall(r"(?<![\w\"])[A-Za-z]\w*", value):
            if word not in names:
                names[word] = variable(word)
        result = eval(value, {}, names)
        names[name] = result
    return result


def measured(m, name, source):
    wrt = []

    def variable(name):
        wrt.append(m.variable(name))
        return wrt[-1]

    if name in VECTORS:
        f = VECTORS[name](m, lambda name, n: [variable(f"{name}{k}") for k in range(n)])
    else:
        f = scalars(m, source, variable)
    return m.count(f, wrt)


def main():
    print(f"# Counted with SymPy {sympy.__version__} and CasADi {casadi.__version__}.")
    folder = os.path.dirname(os.path.abspath(__file__))
    for line in open(os.path.join(folder, "formulas.txt")):
        name, source = line.rstrip("\n").split(": ", 1)
        row = measured(Sympy, name, source) + measured(Casadi, name, source)
        print(name + "," + ",".join(map(str, row)))


if __name__ == "__main__":
    main()
