"""Derives the rational approximations in src/functions: lgamma.rs, digamma.rs, trigamma.rs, erf.rs, erfcx.rs and gelu.rs
(mpmath 1.4.1, 60 digits).

Each is the ratio p/q of given degrees that equals the function at the Chebyshev nodes of the interval (a linear
system, q(0) = 1), which is minimax up to a small factor; the error printed is the largest one on a fine grid, relative to
the function and the constant that is taken from it, with the coefficients rounded to doubles. Run: python coefficients.py
"""
from mpmath import mp, mpf, cos, sin, cot, tan, pi, lu_solve, matrix, euler, exp, erf, erfc, erfinv, loggamma, digamma, polygamma, findroot, polyval, nstr

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


def sine_over_distance(u):
    """sin(πd) / (πd) for d = sqrt(u)."""
    return sin(pi * u**0.5) / (pi * u**0.5)


def cotangent_rest(u):
    """(1/d - π cot πd) / d for d = sqrt(u)."""
    return (1 / u**0.5 - pi * cot(pi * u**0.5)) / u**0.5


def tangent_over_distance(u):
    """π tan(πd) / d for d = sqrt(u)."""
    return pi * tan(pi * u**0.5) / u**0.5


def cosecant_rest(u):
    """(π / sin πd)² - 1/d² for d = sqrt(u)."""
    return (pi / sin(pi * u**0.5)) ** 2 - 1 / u


def normal_over_x(u):
    """(Φ(x) - 1/2) / x for x = sqrt(u), Φ the standard normal distribution function."""
    return erf((u / 2) ** 0.5) / (2 * u**0.5)


def normal_tail(t):
    """Φ(-t) e^(t²/2)."""
    return erfc(t / mpf(2) ** 0.5) / 2 * exp(t * t / 2)


def normal_far(v):
    """t² (t Φ(-t) e^(t²/2) - 1/√(2π)) for t = 1/sqrt(v)."""
    t = 1 / v**0.5
    return t * t * (t * normal_tail(t) - 1 / (2 * pi) ** 0.5)


ROOT = findroot(digamma, mpf("1.4616321449683623"))

if __name__ == "__main__":
    # The constants, the last arguments, are exact and in the middle of the values: most of the result is not rounded.
    show("lgamma(1 + t) / (t (t - 1))", lgamma_over_roots, -0.25, 0.75, 7, 7, 0.5)
    show("lgamma(1 + t) / (t (t - 1))", lgamma_over_roots, 0.75, 1.75, 6, 5, 0.40625)
    high = mpf(float(ROOT - 1))
    print("root of digamma less 1:", repr(float(high)), "+", repr(float(ROOT - 1 - high)))
    for low, constant in ((0, 1), (1, 0.6875)):
        ratio = lambda s: digamma(1 + low + s) / (low + s + 1 - ROOT)
        show(f"digamma(1 + t) / (t - root + 1), t = {low} + s", ratio, 0, 1, 6, 6, constant)
    for low, constant, m in ((0, 1, 6), (1, 0.5, 5)):
        show(f"polygamma(1, 1 + t), t = {low} + s", lambda s: polygamma(1, 1 + low + s), 0, 1, m, m, constant)
    show("erf(sqrt(u)) / sqrt(u)", erf_over_x, 0, 0.25, 4, 4, 1.0625)
    show("erfcx(1 + t)", lambda t: erfcx(1 + t), mpf("0.46875") - 1, 0.5, 7, 6, 0.4375)
    show("erfcx(1.5 + t)", lambda t: erfcx(mpf("1.5") + t), 0, 2.5, 7, 7, 0.21875)
    show("sin(πd) / (πd) in d²", sine_over_distance, 0, 0.25, 4, 4, 0.8125)
    show("(1/d - π cot πd) / d in d²", cotangent_rest, 0, 0.1225, 3, 4, 3.5)
    show("π tan(πd) / d in d²", tangent_over_distance, 0, 0.0225, 3, 3, 10.5)
    show("(π / sin πd)² - 1/d² in d²", cosecant_rest, 0, 0.25, 5, 5, 4.5)
    show("(Φ(x) - 1/2) / x in x²", normal_over_x, 0, 0.46, 4, 4, 0.375)
    show("Φ(-t) e^(t²/2), t = 1.25 + s", lambda s: normal_tail(mpf("1.25") + s), -0.6, 0.75, 6, 6, 0.1875)
    show("Φ(-t) e^(t²/2), t = 2 + s", lambda s: normal_tail(2 + s), 0, 2.5, 7, 7, 0.09375)
    show("t² (t Φ(-t) e^(t²/2) - 1/√(2π)) in 1/t²", normal_far, mpf("1e-12"), 1 / mpf("4.5") ** 2, 6, 6, 0)
