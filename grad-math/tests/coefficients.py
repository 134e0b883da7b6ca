"""Derives the rational approximations in src/functions: lgamma.rs, digamma.rs, erf.rs and erfcx.rs (mpmath 1.4.1, 60 digits).

Each is the ratio p/q of given degrees that equals the function at the Chebyshev nodes of the interval (a linear
system, q(0) = 1), which is minimax up to a small factor; the error printed is the largest one on a fine grid, relative to
the function and the constant that is taken from it, with the coefficients rounded to doubles. Run: python coefficients.py
"""
from mpmath import mp, mpf, cos, pi, lu_solve, matrix, euler, exp, erf, erfc, loggamma, digamma, findroot, polyval, nstr

mp.dps = 60


def rational(f, a, b, m, n, constant):
    """The coefficients, lowest first, of p (degree m) and q (degree n, q[0] = 1) with p/q = f - constant at m+n+1 nodes."""
    k = m + n + 1
    nodes = [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * k)) for i in range(k)]
    rows, right = [], []
    for t in nodes:
        y = f(t) - constant
        rows.append([t**j for j in range(m + 1)] + [-y * t**j for j in range(1, n + 1)])
        right.append(y)
    c = lu_solve(matrix(rows), matrix(right))
    p, q = [c[i] for i in range(m + 1)], [mpf(1)] + [c[m + i] for i in range(1, n + 1)]
    p, q = [mpf(float(v)) for v in p], [mpf(float(v)) for v in q]
    worst = 0
    for i in range(1, 400):
        t = a + (b - a) * (mpf(i) + mpf("0.137")) / 400
        worst = max(worst, abs((polyval(p[::-1], t) / polyval(q[::-1], t) + constant) / f(t) - 1))
    return p, q, worst


def show(name, f, a, b, m, n, constant):
    p, q, worst = rational(f, mpf(a), mpf(b), m, n, mpf(constant))
    print(f"{name} - {constant} on [{a}, {b}], degrees {m}/{n}, relative error {nstr(worst, 3)}")
    for label, c in (("P", p), ("Q", q)):
        print("    const", f"{label}: [f64; {len(c)}] = [" + ", ".join(repr(float(v)) for v in c) + "];")


def lgamma_over_roots(t):
    """ln Γ(1 + t) / (t (t - 1)), with its limits at the nodes 0 and 1."""
    if abs(t) < mpf("1e-20"):
        return euler
    return 1 - euler if abs(t - 1) < mpf("1e-20") else loggamma(1 + t) / (t * (t - 1))


def erf_over_x(u):
    """erf(x) / x for x = sqrt(u), with its limit at 0."""
    return erf(u**0.5) / u**0.5 if u > mpf("1e-30") else 2 / pi**0.5


def erfcx(x):
    return exp(x * x) * erfc(x)


ROOT = findroot(digamma, mpf("1.4616321449683623"))

if __name__ == "__main__":
    # The constants, the last arguments, are exact and in the middle of the values: most of the result is not rounded.
    show("lgamma(1 + t) / (t (t - 1))", lgamma_over_roots, -0.25, 0.75, 7, 6, 0.5)
    show("lgamma(1 + t) / (t (t - 1))", lgamma_over_roots, 0.75, 1.75, 6, 5, 0.40625)
    high = mpf(float(ROOT - 1))
    print("root of digamma less 1:", repr(float(high)), "+", repr(float(ROOT - 1 - high)))
    show("digamma(1 + t) / (t - root + 1)", lambda t: digamma(1 + t) / (t + 1 - ROOT), 0, 2, 8, 8, 0.875)
    show("erf(sqrt(u)) / sqrt(u)", erf_over_x, 0, 0.25, 4, 4, 1.0625)
    show("erfcx(1 + t)", lambda t: erfcx(1 + t), mpf("0.46875") - 1, 0.5, 7, 6, 0.4375)
    show("erfcx(2.5 + t)", lambda t: erfcx(mpf("2.5") + t), -1, 1.5, 8, 7, 0.21875)
