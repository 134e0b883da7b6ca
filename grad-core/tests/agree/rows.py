"""Writes rows.grad: every function of the table with its first and second derivatives, by mpmath at 60 digits.

Run: python rows.py > rows.grad. The derivatives are mpmath's numeric ones, good to more digits than a double has.
"""
import mpmath as m
from mpmath import mp, mpf

mp.dps = 60


def sigmoid(x):
    return 1 / (1 + m.exp(-x))


def softplus(x):
    return m.log1p(m.exp(x))


def polygamma(n):
    return lambda x: m.polygamma(n, x)


LAMBDA, ALPHA = mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")
ANY = [0.7, -1.3, 2.6]
POSITIVE = [0.3, 1.7, 6.5]
INSIDE = [0.3, -0.85, 0.02]
OUTSIDE = [1.25, -3.5]
PAIRS = [(0.7, 1.9), (2.3, -0.4)]
# call: (the function, the points)
FUNCTIONS = {
    "pow(x, y)": (lambda x, y: x**y, PAIRS),
    "powi(x, 3)": (lambda x: x**3, ANY),
    "powi(x, -2)": (lambda x: x**-2, ANY),
    "compound(x, y)": (lambda x, y: (1 + x) ** y, PAIRS + [(-0.4, 2.6), (1e-9, 1e9)]),
    "exp(x)": (m.exp, ANY),
    "exp_m1(x)": (m.expm1, ANY + [1e-9]),
    "exprel(x)": (lambda x: m.expm1(x) / x, ANY + [1e-9, -0.3, 0.6, -30.0, 30.0]),
    "exprel_slope(x)": (lambda x: (m.exp(x) - m.expm1(x) / x) / x, ANY + [1e-9, -0.3, 1.5, -30.0, 30.0]),
    "bernoulli(x)": (lambda x: x / m.expm1(x), ANY + [1e-9, -0.3, 1.5, -30.0, 30.0, -50.0, 50.0]),
    "exp2(x)": (lambda x: 2**x, ANY),
    "ln(x)": (m.log, POSITIVE),
    "log2(x)": (lambda x: m.log(x) / m.log(2), POSITIVE),
    "log10(x)": (lambda x: m.log(x) / m.log(10), POSITIVE),
    "ln_1p(x)": (m.log1p, POSITIVE + [-0.7, 1e-9]),
    "sqrt(x)": (m.sqrt, POSITIVE),
    "sqrt_1p_m1(x)": (lambda x: m.sqrt(1 + x) - 1, POSITIVE + [-0.7, 1e-9]),
    "cbrt(x)": (lambda x: m.sign(x) * abs(x) ** (mpf(1) / 3), ANY),
    "hypot(x, y)": (m.hypot, PAIRS),
    "hypot3(x, y, z)": (lambda x, y, z: m.sqrt(x * x + y * y + z * z), [(0.7, 1.9, -0.4), (-1.3, 0.2, 2.6)]),
    "abs(x)": (abs, ANY),
    "abs_slope(x)": (m.sign, ANY),
    "sign(x)": (m.sign, ANY),
    "signum(x)": (m.sign, ANY),
    "floor(x)": (m.floor, ANY),
    "ceil(x)": (m.ceil, ANY),
    "round(x)": (m.nint, ANY),
    "trunc(x)": (lambda x: m.sign(x) * m.floor(abs(x)), ANY),
    "mul_add(x, y, a)": (lambda x, y, a: x * y + a, [(0.7, -1.3, 2.6)]),
    "sin(x)": (m.sin, ANY),
    "cos(x)": (m.cos, ANY),
    "tan(x)": (m.tan, ANY),
    "asin(x)": (m.asin, INSIDE),
    "acos(x)": (m.acos, INSIDE),
    "atan(x)": (m.atan, ANY),
    "atan2(y, x)": (m.atan2, PAIRS + [(-0.6, -1.1), (1.5, -0.2)]),
    "sinh(x)": (m.sinh, ANY),
    "cosh(x)": (m.cosh, ANY),
    "tanh(x)": (m.tanh, ANY),
    "asinh(x)": (m.asinh, ANY),
    "acosh(x)": (m.acosh, [1.25, 3.5]),
    "atanh(x)": (m.atanh, INSIDE),
    "sinc(x)": (lambda x: m.sin(x) / x, ANY + [0.4, 1e-3]),
    "sec(x)": (m.sec, ANY),
    "csc(x)": (m.csc, ANY),
    "cot(x)": (m.cot, ANY),
    "asec(x)": (lambda x: m.acos(1 / x), OUTSIDE),
    "acsc(x)": (lambda x: m.asin(1 / x), OUTSIDE),
    "acot(x)": (lambda x: m.atan(1 / x), ANY),
    "sech(x)": (m.sech, ANY),
    "csch(x)": (m.csch, ANY),
    "coth(x)": (m.coth, ANY + [20.0]),
    "asech(x)": (lambda x: m.acosh(1 / x), [0.3, 0.85]),
    "acsch(x)": (lambda x: m.asinh(1 / x), ANY),
    "acoth(x)": (lambda x: m.atanh(1 / x), OUTSIDE),
    "one_minus_cos(x)": (lambda x: 1 - m.cos(x), ANY + [1e-9]),
    "xlogx(x)": (lambda x: x * m.log(x), POSITIVE),
    "xlogx_1p(x)": (lambda x: (1 + x) * m.log1p(x), POSITIVE + [-0.7, 1e-9]),
    "rel_entr(x, y)": (lambda x, y: x * m.log(x / y), [(0.7, 1.5), (2.3, 0.4), (1.1, 1.2)]),
    "ln_ratio(x, y)": (lambda x, y: m.log(x / y), [(0.7, 1.9), (2.3, 0.4), (1.1, 1.2)]),
    "log1mexp(x)": (lambda x: m.log(-m.expm1(-x)), POSITIVE + [1e-9, 40.0]),
    "log_cosh(x)": (lambda x: m.log(m.cosh(x)), ANY + [1e-9]),
    "logaddexp(x, y)": (lambda x, y: m.log(m.exp(x) + m.exp(y)), PAIRS),
    "gaussian(x)": (lambda x: m.exp(-x * x), ANY + [12.0]),
    "erf(x)": (m.erf, ANY),
    "erfc(x)": (m.erfc, ANY + [5.5]),
    "erfcx(x)": (lambda x: m.exp(x * x) * m.erfc(x), ANY + [18.0]),
    "log_erfc(x)": (lambda x: m.log(m.erfc(x)), ANY + [18.0, -3.5]),
    "log_half_erfc(x)": (lambda x: m.log(m.erfc(x) / 2), ANY + [18.0, -3.5]),
    "lgamma(x)": (lambda x: m.log(abs(m.gamma(x))), POSITIVE + [-1.3, 30.0]),
    "digamma(x)": (m.digamma, POSITIVE + [-1.3, 30.0]),
    "trigamma(x)": (polygamma(1), POSITIVE + [-1.3, 30.0]),
    "polygamma(2, x)": (polygamma(2), POSITIVE + [-1.3, 30.0]),
    "polygamma(3, x)": (polygamma(3), POSITIVE + [-1.3, 30.0]),
    "sigmoid(x)": (sigmoid, ANY + [-30.0]),
    "one_minus_sigmoid(x)": (lambda x: sigmoid(-x), ANY + [30.0, -30.0]),
    "softplus(x)": (softplus, ANY + [-30.0]),
    "log_sigmoid(x)": (lambda x: -softplus(-x), ANY + [30.0]),
    "relu(x)": (lambda x: x if x > 0 else mpf(0), ANY),
    "leaky_relu(x, y)": (lambda x, s: x if x > 0 else s * x, [(0.7, 0.1), (-1.3, 0.2)]),
    "elu(x, y)": (lambda x, a: x if x > 0 else a * m.expm1(x), [(0.7, 0.1), (-1.3, 0.2)]),
    "selu(x)": (lambda x: LAMBDA * (x if x > 0 else ALPHA * m.expm1(x)), ANY),
    "gelu(x)": (lambda x: x * m.erfc(-x / m.sqrt(2)) / 2, ANY),
    "silu(x)": (lambda x: x * sigmoid(x), ANY),
    "mish(x)": (lambda x: x * m.tanh(softplus(x)), ANY),
    "softsign(x)": (lambda x: x / (1 + abs(x)), ANY),
    "max(x, y)": (max, PAIRS),
    "min(x, y)": (min, PAIRS),
    "clamp(x, y, z)": (lambda x, lo, hi: max(lo, min(x, hi)), [(0.5, 0.2, 0.9), (1.5, 0.2, 0.9), (-0.5, 0.2, 0.9)]),
}


def number(x):
    return m.nstr(x, 17, min_fixed=-5, max_fixed=17) if abs(x) > mpf("1e-200") else "0.0"


def derivative(f, x, orders):
    return m.diff(f, tuple(x), tuple(orders)) if sum(orders) else f(*x)


def main():
    print("# Every function of the table: value, gradient, and Hessian row by row, at generic points; written by rows.py.\n")
    for call, (f, points) in FUNCTIONS.items():
        inside = call[call.index("(") + 1 : -1].split(", ")
        names = [name for name in inside if name.isalpha()]
        print(call)
        for point in points:
            x = [mpf(v) for v in (point if isinstance(point, tuple) else (point,))]
            n = len(x)
            unit = [[int(k == j) for k in range(n)] for j in range(n)]
            gradient = [derivative(f, x, e) for e in unit]
            hessian = [derivative(f, x, [p + q for p, q in zip(a, b)]) for a in unit for b in unit]
            at = ", ".join(f"{name}={float(v)!r}" for name, v in zip(names, x))
            lists = [", ".join(number(v) for v in vs) for vs in (gradient, hessian)]
            print(f"# at {at} -> {number(f(*x))}, [{lists[0]}], [{lists[1]}]")
        print()


if __name__ == "__main__":
    main()
