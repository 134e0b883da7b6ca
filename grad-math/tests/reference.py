"""Writes reference.csv: the functions of grad-math in arbitrary precision (mpmath 1.4.1, Python 3.11).

Run: python reference.py > reference.csv. A row is function, x, y (empty for one argument), the value to 30 digits, the
difference of the value and the double nearest to it, and the scale: the number whose ulp is the unit of error, empty
where that is the value itself. Each value is computed with enough digits that cancellation (1 - cos x at 1e-300) and
argument reduction (sin 1e300) cost nothing. The points are fixed ones at the edges, pseudo-random ones (fixed seed) that
are exact in f32, so that both float types share them, pseudo-random doubles, and the worst points of a search
(worst.csv, f64 and f32): `python reference.py 20000 > FILE` writes that many other points a function, for the ignored
test `search` of accuracy.rs.
"""
import csv
import math
import os
import random
import struct
import sys

import mpmath
from mpmath import mp, mpf

mp.dps = 60

LAMBDA = mpf("1.0507009873554804934193349852946")
ALPHA = mpf("1.6732632423543772848170429916717")


def widely(f):
    """f at a precision that absorbs arguments from 1e-320 to 1e308, in argument reduction and cancellation."""

    def g(*x):
        with mp.workdps(720):
            return f(*x)

    return g


def lgamma(x):
    return mpmath.log(abs(mpmath.gamma(x))) if x < 1000 else mpmath.loggamma(x)


def erfcx(x):
    # The continued fraction in mpmath's hypergeometric form, where e^(x²) would overflow any sensible precision.
    return mpmath.hyperu(mpf(1) / 2, mpf(1) / 2, x * x) / mpmath.sqrt(mpmath.pi) if x > 3 else mpmath.exp(x * x) * mpmath.erfc(x)


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def softplus(x):
    with mp.workdps(60 + int(abs(x) / 2)):
        return mpmath.log1p(mpmath.exp(x))


def inverse(f):
    return lambda x: f(1 / x)


R, P = "real", "positive"
# name: (function, number of arguments, intervals to draw from, edges)
FUNCTIONS = {
    "sigmoid": (sigmoid, 1, [(-3, 3), (-90, 40), (-745, 100)], [-800, -745, -709, -104, -88, 0, 37, 709, 800]),
    "log_sigmoid": (lambda x: -softplus(-x), 1, [(-3, 3), (-90, 90), (-800, 740)], [-800, -709, 0, 104, 709, 740]),
    "softplus": (softplus, 1, [(-3, 3), (-90, 90), (-740, 800)], [-740, -709, -104, 0, 709, 800]),
    "elu": (lambda x, a: x if x >= 0 else a * mpmath.expm1(x), 2, [(-3, 3), (-50, 50)], [-800, -1e-30, 0, 1e30]),
    "selu": (lambda x: LAMBDA * (x if x >= 0 else ALPHA * mpmath.expm1(x)), 1, [(-3, 3), (-50, 50)], [-800, -1e-30, 0, 1e30]),
    "leaky_relu": (lambda x, s: x if x >= 0 else s * x, 2, [(-3, 3)], [0, -1e30, 1e30]),
    "gelu": (lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2, 1, [(-3, 3), (-14, 14), (-38, -5)], [-38.5, -38, -20, -14.5, -14, -1e-30, 0, 1e30]),
    "silu": (lambda x: x * sigmoid(x), 1, [(-3, 3), (-90, 40), (-745, 100)], [-800, -750, -745, -709, -104, 0, 37, 709, 800]),
    "mish": (lambda x: x * mpmath.tanh(softplus(x)), 1, [(-3, 3), (-90, 40), (-745, 100)], [-800, -750, -745, -709, -104, 0, 37, 709, 800]),
    "softsign": (lambda x: x / (1 + abs(x)), 1, [(-3, 3), (-1000, 1000)], [0, 1e-300, 1e300, -1e30]),
    "sinc": (widely(lambda x: mpmath.sin(x) / x if x else mpf(1)), 1, [(-4, 4), (-1000, 1000)], [0, 1e-300, math.pi, 1e22, 1e300, -1e30]),
    "one_minus_cos": (widely(lambda x: 1 - mpmath.cos(x)), 1, [(-4, 4), (-0.01, 0.01), (-1000, 1000)], [0, 1e-10, 1e-150, 2 * math.pi, 1e22]),
    "sec": (widely(mpmath.sec), 1, [(-4, 4), (-1000, 1000)], [0, 1e-300, math.pi / 2, 1e22, 1e300]),
    "csc": (widely(mpmath.csc), 1, [(-4, 4), (-1000, 1000)], [1e-300, math.pi, 1e22, 1e300]),
    "cot": (widely(mpmath.cot), 1, [(-4, 4), (-1000, 1000)], [1e-300, math.pi / 2, math.pi, 1e22, 1e300]),
    "asec": (inverse(mpmath.acos), 1, [(1, 1.01), (1, 3), (-3, -1), (-1.01, -1), (1, 1000)], [1, -1, 1 + 2**-52, 1 + 2**-23, -1e30, 1e300]),
    "acsc": (inverse(mpmath.asin), 1, [(1, 1.01), (1, 3), (-3, -1), (-1.01, -1), (1, 1000)], [1, -1, 1 + 2**-52, 1 + 2**-23, -1e30, 1e300]),
    "acot": (inverse(mpmath.atan), 1, [(-3, 3), (-1000, 1000)], [1e-300, -1e-30, 1, 1e30, 1e300]),
    "sech": (mpmath.sech, 1, [(-3, 3), (-80, 80), (-740, 740)], [0, 88, 104, 709, -711, 740, 745, 800]),
    "csch": (widely(mpmath.csch), 1, [(-3, 3), (-80, 80), (-740, 740)], [1e-300, -1e-30, 88, 104, 709, -711, 740, 745, 800]),
    "coth": (widely(mpmath.coth), 1, [(-3, 3), (-40, 40)], [1e-300, -1e-30, 709, -800]),
    "asech": (inverse(mpmath.acosh), 1, [(0, 1), (0.99, 1), (0, 1e-3)], [1, 1 - 2**-53, 1 - 2**-24, 1e-9, 1e-30, 1e-300, 5e-324]),
    "acsch": (inverse(widely(mpmath.asinh)), 1, [(-3, 3), (-1000, 1000), (0, 1e-3)], [1e-9, 1e-30, -1e-300, 5e-324, 1e30, 1e300]),
    "acoth": (inverse(widely(mpmath.atanh)), 1, [(1, 1.01), (1, 3), (-3, -1), (1, 1000)], [1 + 2**-52, 1 + 2**-23, -1e30, 1e300]),
    "xlogx": (lambda x: x * mpmath.log(x) if x else mpf(0), 1, [(0, 2), (0, 1000), (0.99, 1.01)], [0, 1, 1e-300, 1e-30, 1e30, 1e300]),
    "log1mexp": (widely(lambda x: mpmath.log(-mpmath.expm1(-x))), 1, [(0, 2), (0, 80), (0, 740)], [1e-300, 1e-30, math.log(2), 0.6931472, 104, 709, 740, 745]),
    "logaddexp": (lambda a, b: max(a, b) + mpmath.log1p(mpmath.exp(-abs(a - b))), 2, [(-3, 3), (-50, 50)], [0, 1e30, -800, 709]),
    "gaussian": (lambda x: mpmath.exp(-x * x), 1, [(-2, 2), (-9, 9), (-27, 27)], [0, 1e-30, 9.5, 10, 26, 27, 27.25, 1e30]),
    "erf": (mpmath.erf, 1, [(-0.5, 0.5), (-3, 3), (-6, 6)], [0, 1e-300, 1e-30, -1e-40, 0.46875, 0.5, 5.9, 6, -800]),
    "erfc": (mpmath.erfc, 1, [(-0.5, 0.5), (-6, 6), (0, 9), (0, 26.5)], [0, 1e-30, 0.46875, 4, 9.5, 10, 26.5, 27, 27.2, -800]),
    "erfcx": (erfcx, 1, [(-0.5, 0.5), (-9, 9), (0, 50), (-26, 0)], [0, 1e-30, 0.46875, 4, -9.25, -26.5, 1e15, 1e30, 1e300]),
    "lgamma": (lgamma, 1, [(0, 3), (0.9, 1.1), (1.9, 2.1), (0, 20), (-0.6, 0.6), (-2, 0), (-30, 0), (-200, 0), (0, 1000)],
        [1e-300, -1e-300, 1e-30, 1 + 2**-52, 1 - 2**-53, 2 + 2**-51, 2 - 2**-52, 1 + 2**-23, 2 - 2**-23, 0.5, -0.5, 0.75, 1.5, 2.5, 10, 1e10, 1e30, 1e300, -0.75, -1.5, -2.5, -100.5, -1000.25, 5e-324]),
    "digamma": (mpmath.digamma, 1, [(0, 3), (1.45, 1.47), (0, 20), (-2, 0), (-30, 0), (-200, 0), (0, 1000)],
        [1e-300, -1e-300, 1e-30, 1, 1.4616321449683622, 1.4616321449683625, 1.4616321086883545, 1.4616322278976440, 2, 3, 10, 1e10, 1e30, 1e300, -0.5, -0.75, -1.5, -100.5, -1000.25]),
    "trigamma": (lambda x: mpmath.polygamma(1, x), 1, [(0, 3), (0, 20), (-2, 0), (-30, 0), (-200, 0), (0, 1000)],
        [1e-150, -1e-150, 1e-18, 1, 2, 10, 1e10, 1e30, 1e300, -0.5, -0.75, -1.5, -100.5, -1000.25]),
    "polygamma": (lambda n, x: mpmath.polygamma(int(n), x), 2, [(0, 3), (0, 20), (-2, 0), (-30, 0), (0, 1000)],
        [1e-30, 1, 2, 10, 12, 1e10, 1e30, -0.5, -0.75, -1.5, -10.25]),
    "one_minus_sigmoid": (lambda x: sigmoid(-x), 1, [(-3, 3), (-40, 90), (-100, 745)], [-800, 0, 37, 88, 104, 709, 745, 800]),
    "log_cosh": (widely(lambda x: mpmath.log(mpmath.cosh(x))), 1, [(-1, 1), (-3, 3), (0.9, 1.1), (-90, 90), (-800, 800)], [0, 1e-100, -1e-18, 1e-9, 1, -1, 709, 1e4]),
    "log_erfc": (lambda x: mpmath.log(erfcx(x)) - x * x if x > 0.1 else mpmath.log1p(-mpmath.erf(x)), 1, [(-0.5, 0.5), (-6, 6), (0.4, 0.6), (0, 50)], [0, 1e-300, -1e-30, 0.46875, 4, 26.5, 30, 1e4, -800, 1e15]),
    "exprel": (widely(lambda x: mpmath.expm1(x) / x if x else mpf(1)), 1, [(-1, 1), (-3, 3), (-90, 85), (-740, 715)], [0, 1e-300, -1e-18, -1e30, 79.9, 80.1, 88.5, 709.9, 715]),
    "sqrt_1p_m1": (widely(lambda x: mpmath.sqrt(1 + x) - 1), 1, [(-1, 1), (-1e-3, 1e-3), (0, 1000)], [0, -1, 1e-300, -1e-18, 1e30, 1e300]),
    "compound": (lambda x, y: (1 + x) ** y, 2, [(-0.9, 2), (-1e-3, 1e-3), (0, 1e-6), (-1e-9, 1e-9), (0, 30)], [1e-17, -1e-17, 1e-9, 0.5, 1e6]),
    "xlogx_1p": (widely(lambda x: (1 + x) * mpmath.log1p(x) if x != -1 else mpf(0)), 1, [(-1, 1), (-1, 1000), (-1e-3, 1e-3)], [-1, -1 + 2**-53, 0, 1e-300, -1e-30, 1e30, 1e300]),
    "ln_ratio": (widely(lambda x, y: mpmath.log(x / y)), 2, [(0, 2), (0.9, 1.1), (0, 1000)], [1e-300, 1, 1.5, 1e30, 1e300]),
    "rel_entr": (widely(lambda x, y: x * mpmath.log(x / y) if x else mpf(0)), 2, [(0, 2), (0.9, 1.1), (0, 1000)], [1e-300, 1, 1.5, 1e30, 1e300]),
    "log_half_erfc": (lambda x: mpmath.log(erfcx(x) / 2) - x * x if x > 0 else mpmath.log1p(-mpmath.erfc(-x) / 2), 1, [(-0.5, 0.5), (-6, 6), (-26, 0), (0, 50)], [0, 1e-300, -1e-30, 4, 26.5, 30, 1e4, -9, -26, 1e15]),
    "exprel_slope": (widely(lambda x: (mpmath.exp(x) - mpmath.expm1(x) / x) / x if x else mpf(1) / 2), 1, [(-1, 1), (-3, 3), (-90, 85), (-740, 715)], [0, 1e-300, -1e-18, -1e30, -1e150, 1, -1, 79.9, 80.1, 88.5, 709.9, 715]),
    "bernoulli": (widely(lambda x: x / mpmath.expm1(x) if x else mpf(1)), 1, [(-1, 1), (-3, 3), (-90, 85), (-740, 740)], [0, 1e-300, -1e-18, -1e30, -1e300, 79.9, 80.1, 88.5, 709.9, 715]),
}

ORDERS = [2, 3, 4, 5, 7, 10, 20, 50, 120, 170]
SECOND = {"leaky_relu": (0, 1), "elu": (0.1, 3)}
# The logarithms of the powers to draw.
POWERS = (-80, 85)


# Functions that are also searched near 0 and far out, and of them those that have poles at the integers up to 0.
GAMMA = {"lgamma", "digamma", "trigamma", "polygamma"}
EVERYWHERE = GAMMA | {"erf", "erfc", "erfcx", "gelu", "gaussian"}


def anywhere(rng, poles):
    """A number of any magnitude; near an integer in -200..0, or beside a root of digamma or lgamma, where there are poles."""
    kind = rng.random()
    if not poles or kind < 0.4:
        x = rng.choice([-1, 1]) * 10 ** rng.uniform(-320, 15 if poles else 300)
    elif kind < 0.8:
        x = rng.randint(-200, 0) + rng.choice([-1, 1]) * 2 ** rng.uniform(-50, -1)
    else:
        low = rng.randint(-20, -1)
        x = float(ROOTS[rng.choice(["digamma", "lgamma"])](rng, low)) + rng.uniform(-1, 1) * 2 ** rng.uniform(-50, -5)
    return x


def lgamma_root(rng, low):
    """A root of ln |Γ| in (low - 1, low), low ≤ -2: by bisection from the middle to either pole."""
    low = min(low, -2) - 1
    middle = mpf(low) + mpf("0.5")
    pole = low + rng.choice([0, 1])
    a, b = middle if lgamma(middle) < 0 else mpf(low) + (mpf("0.4") if low == -3 else mpf("0.5")), mpf(pole)
    return mpmath.findroot(lgamma, (b + (a - b) * mpf("1e-14"), a), solver="anderson", verify=False)


ROOTS = {"digamma": lambda rng, low: mpmath.findroot(mpmath.digamma, (mpf(low) + mpf("1e-9"), mpf(low) + 1 - mpf("1e-9")), solver="anderson", verify=False), "lgamma": lgamma_root}


def single(x):
    """The f32 nearest to x, as a double."""
    return struct.unpack("f", struct.pack("f", x))[0]


def points(name, count, rng):
    """Points of the domain; every other one is exact in f32."""
    _, arity, intervals, edges = FUNCTIONS[name]
    found = [] if count > 1000 else [(float(e),) for e in edges]
    if name == "polygamma":
        found = [(float(rng.choice(ORDERS)), x) for (x,) in found]
    elif name == "compound":
        found = [(x, y / mpmath.log1p(x)) for (x,) in found for y in (1, -0.75, 60)]
        found = [(x, single(float(y))) for x, y in found]
    elif name in ("ln_ratio", "rel_entr"):
        found = [(x, y) for (x,) in found for y in (x, 1.0, 1e-200)]
    elif arity == 2:
        second = SECOND.get(name)
        found = [(e, rng.choice([0.5, 0.25, 1.0]) if second else f) for (e,) in found for f in ([0] if second else [e, 0.0, 1.5])]
    while len(found) < count:
        low, high = rng.choice(intervals)
        x = [rng.uniform(low, high)]
        if name in EVERYWHERE and rng.random() < 0.3:
            x = [anywhere(rng, name in GAMMA)]
            x = [x[0] % 100] if name in ("trigamma", "polygamma") and x[0] < -200 else x
            low, high = -math.inf, math.inf
        if name == "compound":
            x[0] = single(x[0]) if len(found) % 3 else x[0]
            x.append(float(rng.uniform(*POWERS) / mpmath.log1p(x[0])))
        elif arity == 2 and name != "polygamma":
            x.append(rng.uniform(*SECOND.get(name, (low, high))))
        if len(found) % 3:
            x = [single(v) for v in x]
        pole = name in GAMMA and x[0] <= 0 and x[0] == round(x[0])
        if all(v != 0 and math.isfinite(v) for v in x) and low <= x[0] <= high and not pole:
            x = [rng.choice(ORDERS)] + x if name == "polygamma" else x
            found.append(tuple(float(v) for v in x))
    return found


def value(name, x):
    """The value in arbitrary precision and the scale of its error."""
    exact = [mpf(v) for v in x]
    v = FUNCTIONS[name][0](*exact)
    scale = None
    if name == "lgamma" and x[0] < -2:
        scale = max(abs(v), mpf(1) / 8)
    elif name == "digamma" and x[0] < 0:
        scale = max(abs(v), abs(mpmath.digamma(1 - exact[0])), 1)
    elif name == "polygamma" and x[1] < 0:
        n = int(x[0])
        scale = max(abs(v), mpmath.factorial(n) / abs(exact[1] - mpmath.nint(exact[1])) ** (n + 1))
    elif name == "logaddexp":
        scale = max(abs(v), abs(exact[0]), abs(exact[1]))
    return v, scale


def rounded(v):
    """The double nearest to v; by its decimal digits, because mpmath's own conversion rounds twice where it is subnormal."""
    return float(mpmath.nstr(v, 40))


def row(name, x):
    v, scale = value(name, x)
    near = rounded(v)
    rest = 0.0 if math.isinf(near) else rounded(v - mpf(near))
    y = repr(x[1]) if len(x) == 2 else ""
    return [name, repr(x[0]), y, mpmath.nstr(v, 30), f"{rest:.6e}", "" if scale is None else repr(float(scale))]


def main():
    rng = random.Random(20)
    worst = {}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worst.csv")
    for line in csv.reader(open(path)) if os.path.exists(path) else []:
        worst.setdefault(line[0], []).append(tuple(float(v) for v in line[1:] if v))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["function", "x", "y", "value", "rest", "scale"])
    if len(sys.argv) > 1:
        for name in FUNCTIONS:
            for x in points(name, int(sys.argv[1]), rng):
                out.writerow(row(name, x))
        return
    for name in FUNCTIONS:
        edges = len(FUNCTIONS[name][3]) * (3 if name in ("logaddexp", "compound", "ln_ratio", "rel_entr") else 1)
        for x in points(name, edges + 18, rng) + worst.get(name, []):
            out.writerow(row(name, x))


if __name__ == "__main__":
    main()
