"""Prints expected.jsonl: for each function at each point, its value and the gradient of each of its results.

The functions are written from their mathematics, by other means than the Rust beside them where there are others: a
rotation is a matrix exponential, a soft edit distance a sum over paths, a spline one linear system. They run in 60 digits;
a derivative is a central difference there, right to some 40.

    pip install mpmath==1.3.0
    python3 reference.py > expected.jsonl
"""

import json
from itertools import product

from mpmath import mp, mpf, matrix, mpc

mp.dps = 60
STEP = mpf(10) ** -20


def numbers(value):
    """The numbers of nested lists, in order."""
    if isinstance(value, (list, tuple)):
        return [n for item in value for n in numbers(item)]
    return [value]


def like(value, flat):
    """Nested lists of the shape of `value` with the numbers of the iterator `flat`."""
    if isinstance(value, (list, tuple)):
        return [like(item, flat) for item in value]
    return next(flat)


def exact(value):
    """The same numbers in high precision."""
    return like(value, iter([mpf(n) for n in numbers(value)]))


def case(function, active, kink=False, **passive):
    """Prints one line. `function(active, passive, base)` gives a list; `base` is `active` where no number is moved."""
    base = {name: exact(value) for name, value in active.items()}
    run = lambda at: numbers(function(at, passive, base))
    value = run(base)
    gradients = [{name: None for name in active} for _ in value]
    for name in active:
        columns = []
        for k in range(len(numbers(base[name]))):
            def moved(h):
                flat = numbers(base[name])
                flat[k] += h
                return run({**base, name: like(base[name], iter(flat))})
            columns.append([(up - down) / (2 * STEP) for up, down in zip(moved(STEP), moved(-STEP))])
        for row, gradient in enumerate(gradients):
            gradient[name] = like(active[name], iter([float(column[row]) for column in columns]))
    line = {
        "function": function.__name__,
        "active": active,
        "passive": passive,
        "value": [float(v) for v in value],
        "gradient": gradients,
    }
    if kink:
        line["kink"] = True
    print(json.dumps(line, sort_keys=True))


def black_scholes(at, passive, base):
    s, k, r, v, t = (at[n] for n in ("spot", "strike", "rate", "volatility", "years"))
    sign = 1 if passive["call"] else -1
    if base["years"] == 0:
        return [sign * (s - k) if sign * (base["spot"] - base["strike"]) >= 0 else mpf(0)]
    forward = s * mp.exp(r * t)
    d = mp.log(forward / k) / (v * mp.sqrt(t))
    up, down = d + v * mp.sqrt(t) / 2, d - v * mp.sqrt(t) / 2
    return [mp.exp(-r * t) * sign * (forward * mp.ncdf(sign * up) - k * mp.ncdf(sign * down))]


def camera(at, passive, base):
    x, y, z = at["rotation"]
    turn = matrix([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    p = mp.expm(turn, method="taylor") * matrix(at["point"]) + matrix(at["translation"])
    u, v = p[0] / p[2], p[1] / p[2]
    radius = u**2 + v**2
    factor = at["focal"] * (1 + at["k1"] * radius + at["k2"] * radius**2)
    return [factor * u + at["center"][0], factor * v + at["center"][1]]


def kalman(at, passive, base):
    f, p, q = matrix(at["transition"]), matrix(at["covariance"]), matrix(at["process_noise"])
    h = matrix([at["measurement"]])
    mean = f * matrix(at["mean"])
    p = f * p * f.T + q
    s = (h * p * h.T)[0] + at["measurement_noise"]
    gain = p * h.T / s
    surprise = at["measured"] - (h * mean)[0]
    mean = mean + gain * surprise
    p = p - s * gain * gain.T
    log_likelihood = mp.log(mp.npdf(surprise, 0, mp.sqrt(s)))
    return [mean[0], mean[1], p[0, 0], p[0, 1], p[1, 0], p[1, 1], log_likelihood]


def gaussian(at, passive, base):
    n = len(at["x"])
    if n == 0:
        return [mpf(0)]
    # Only the lower triangle counts.
    low = lambda i, j: at["covariance"][max(i, j) * n + min(i, j)]
    covariance = matrix(n, n)
    for i, j in product(range(n), range(n)):
        covariance[i, j] = low(i, j)
    r = matrix(at["x"]) - matrix(at["mean"])
    distance = (r.T * mp.lu_solve(covariance, r))[0]
    return [-(distance + mp.log(mp.det(covariance)) + n * mp.log(2 * mp.pi)) / 2]


def runge_kutta(slope, state, dt, steps):
    """The classic method from its tableau."""
    nodes, weights = [0, mpf(1) / 2, mpf(1) / 2, 1], [mpf(1) / 6, mpf(1) / 3, mpf(1) / 3, mpf(1) / 6]
    state = matrix(state)
    for n in range(steps):
        total, k = 0 * state, 0 * state
        for node, weight in zip(nodes, weights):
            k = matrix(slope((n + node) * dt, state + dt * node * k))
            total += weight * k
        state += dt * total
    return list(state)


def pendulum(at, passive, base):
    def slope(t, state):
        drive = at["drive"] * mp.cos(at["frequency"] * t)
        return [state[1], drive - at["damping"] * state[1] - mpf(9.81) * mp.sin(state[0]) / at["length"]]

    steps = passive["steps"]
    dt = mpf(passive["duration"]) / steps if steps else mpf(0)
    return runge_kutta(slope, [at["angle"], at["speed"]], dt, steps)


def lorenz(at, passive, base):
    def slope(_, s):
        return [at["sigma"] * (s[1] - s[0]), s[0] * (at["rho"] - s[2]) - s[1], s[0] * s[1] - at["beta"] * s[2]]

    return runge_kutta(slope, at["start"], mpf(passive["dt"]), passive["steps"])


def kepler(at, passive, base):
    if passive["tol"] > 1e6:
        # One step of Newton's.
        x = at["mean_anomaly"] if base["eccentricity"] < 0.8 else mp.pi
        m, e = at["mean_anomaly"], at["eccentricity"]
        return [(m + e * (mp.sin(x) - x * mp.cos(x))) / (1 - e * mp.cos(x))]
    equation = lambda x: x - at["eccentricity"] * mp.sin(x) - at["mean_anomaly"]
    return [mp.findroot(equation, base["mean_anomaly"] + base["eccentricity"] * mp.sin(base["mean_anomaly"]), tol=1e-100)]


def dft(at, passive, base):
    x, n = at["signal"], len(at["signal"])
    terms = lambda k: (x[t] * mp.expjpi(mpf(-2 * k * t) / n) for t in range(n))
    return [abs(sum(terms(k), mpc(0))) ** 2 / n for k in range(n)]


def lstm_cell(at, passive, base):
    m = len(at["hidden"])
    x, hidden, bias = at["x"], at["hidden"], at["bias"]
    def gates(k):
        weights = at["input"][k * len(x) : (k + 1) * len(x)] + at["recurrent"][k * m : (k + 1) * m]
        return mp.fdot(weights, x + hidden) + bias[k]
    sigmoid = lambda z: 1 / (1 + mp.exp(-z))
    z = [gates(k) for k in range(4 * m)]
    cell = [sigmoid(z[m + j]) * at["cell"][j] + sigmoid(z[j]) * mp.tanh(z[2 * m + j]) for j in range(m)]
    return [[sigmoid(z[3 * m + j]) * mp.tanh(cell[j]) for j in range(m)], cell]


def mlp(at, passive, base):
    params, h = list(at["params"]), matrix(at["x"])
    for layer, (inputs, outputs) in enumerate(zip(passive["sizes"], passive["sizes"][1:])):
        w = matrix(outputs, inputs)
        for i, j in product(range(outputs), range(inputs)):
            w[i, j] = params.pop(0)
        z = w * h + matrix([params.pop(0) for _ in range(outputs)])
        # Nowhere is the second layer at its kink.
        h = z.apply([mp.tanh, lambda v: v if v > 0 else mpf(0), lambda v: v][layer])
    assert not params
    return [mp.norm(h - matrix(at["target"])) ** 2 / len(at["target"])]


def warp(at, passive, base):
    width, height = passive["width"], passive["height"]
    out = []
    for y, x in product(range(height), range(width)):
        place = lambda affine: [row[0] * x + row[1] * y + row[2] for row in affine]
        # The cell is that of the point itself, where the place is on its border.
        u0, v0 = place(base["affine"])
        if not (0 <= u0 <= width - 1 and 0 <= v0 <= height - 1):
            out.append(mpf(0))
            continue
        u, v = place(at["affine"])
        i, j = int(mp.floor(u0)), int(mp.floor(v0))
        pixel = lambda i, j: at["image"][min(j, height - 1) * width + min(i, width - 1)]
        corners = product((0, 1), (0, 1))
        out.append(sum(pixel(i + a, j + b) * (u - i if a else i + 1 - u) * (v - j if b else j + 1 - v) for a, b in corners))
    return out


def spline(at, passive, base):
    # Four coefficients a piece; all conditions in one linear system.
    x, y = at["x"], at["y"]
    pieces = len(x) - 1
    rows, right = [], []
    def condition(value, *terms):
        row = [mpf(0)] * (4 * pieces)
        for piece, order, t, sign in terms:
            for power in range(order, 4):
                row[4 * piece + power] += sign * mp.ff(power, order) * t ** (power - order)
        rows.append(row)
        right.append(value)
    for k in range(pieces):
        condition(y[k], (k, 0, mpf(0), 1))
        condition(y[k + 1], (k, 0, x[k + 1] - x[k], 1))
    for k in range(pieces - 1):
        for order in (1, 2):
            condition(mpf(0), (k, order, x[k + 1] - x[k], 1), (k + 1, order, mpf(0), -1))
    condition(mpf(0), (0, 2, mpf(0), 1))
    condition(mpf(0), (pieces - 1, 2, x[-1] - x[-2], 1))
    c = mp.lu_solve(matrix(rows), matrix(right))
    piece = max([k for k in range(pieces) if base["x"][k] <= base["at"]], default=0)
    return [sum(c[4 * piece + power] * (at["at"] - x[piece]) ** power for power in range(4))]


def soft_edit(at, passive, base):
    a, b, gap, gamma = at["a"], at["b"], at["gap"], at["gamma"]
    # −γ·ln of the sum over all paths; what starts an edge is not a choice.
    def paths(i, j):
        if i == 0 or j == 0:
            yield (i + j) * gap
            return
        for cost in paths(i - 1, j - 1):
            yield cost + (a[i - 1] - b[j - 1]) ** 2
        for cost in paths(i - 1, j):
            yield cost + gap
        for cost in paths(i, j - 1):
            yield cost + gap
    return [-gamma * mp.log(sum(mp.exp(-cost / gamma) for cost in paths(len(a), len(b))))]


def gamma_poisson(at, passive, base):
    gamma = lambda x, shape, rate: rate**shape * x ** (shape - 1) * mp.exp(-rate * x) / mp.gamma(shape)
    poisson = lambda count, rate: rate**count * mp.exp(-rate) / mp.factorial(count)
    density = gamma(at["shape"], 2, mpf(0.5)) * gamma(at["rate"], mpf(1.5), 1)
    for rate in at["rates"]:
        density *= gamma(rate, at["shape"], at["rate"])
    for count, group in zip(passive["counts"], passive["groups"]):
        density *= poisson(count, at["rates"][group])
    return [mp.log(density)]


def gauss_seidel(at, passive, base):
    n = len(at["b"])
    entry = lambda i, j: at["matrix"][i * n + j]
    lower, upper = matrix(n, n), matrix(n, n)
    for i, j in product(range(n), range(n)):
        (lower if j <= i else upper)[i, j] = entry(i, j)
    x = matrix(at["guess"])
    for _ in range(passive["sweeps"]):
        x = mp.lu_solve(lower, matrix(at["b"]) - upper * x)
    return list(x)


option = dict(spot=104.0, strike=97.5, rate=0.03, volatility=0.22, years=0.75)
case(black_scholes, option, call=True)
case(black_scholes, option, call=False)
case(black_scholes, dict(spot=40.0, strike=95.0, rate=-0.01, volatility=0.35, years=2.5), call=True)
case(black_scholes, {**option, "years": 0.0}, call=True, kink=True)
case(black_scholes, {**option, "years": 0.0}, call=False, kink=True)

pose = dict(rotation=[0.3, -0.2, 0.5], translation=[0.1, -0.4, 5.0], focal=620.0, center=[320.5, 239.25],
            k1=-0.12, k2=0.03, point=[0.7, -1.1, 0.9])
case(camera, pose)
case(camera, {**pose, "rotation": [0.0, 0.0, 0.0]})
case(camera, {**pose, "rotation": [0.0, -1e-15, 0.0], "point": [0.0, 0.0, 1.0]})
case(camera, {**pose, "rotation": [3.0, -0.5, 0.25]})

model = dict(transition=[[1.0, 0.1], [-0.05, 0.98]], process_noise=[[0.02, 0.005], [0.005, 0.03]],
             measurement=[1.0, 0.25], measurement_noise=0.4)
case(kalman, dict(mean=[0.5, -1.2], covariance=[[1.5, 0.2], [0.2, 0.8]], measured=0.9, **model))
case(kalman, dict(mean=[0.0, 0.0], covariance=[[0.0, 0.0], [0.0, 0.0]], measured=0.0, **model))

case(gaussian, dict(x=[0.4, -1.0, 2.0], mean=[0.1, 0.3, 1.2],
                    covariance=[2.0, 0.3, -0.4, 0.3, 1.1, 0.25, -0.4, 0.25, 0.9]))
case(gaussian, dict(x=[0.4], mean=[-0.7], covariance=[0.3]))
case(gaussian, dict(x=[], mean=[], covariance=[]))

swing = dict(length=1.3, damping=0.25, drive=0.9, frequency=2.1, angle=0.8, speed=-0.4)
case(pendulum, swing, duration=2.0, steps=9)
case(pendulum, {**swing, "angle": 3.0}, duration=0.1, steps=1)
case(pendulum, swing, duration=2.0, steps=0)

chaos = dict(start=[1.0, -0.5, 20.0], sigma=10.0, rho=28.0, beta=2.5)
case(lorenz, chaos, dt=0.02, steps=12)
case(lorenz, {**chaos, "start": [0.0, 0.0, 0.0]}, dt=0.02, steps=3)
case(lorenz, chaos, dt=0.02, steps=0)

case(kepler, dict(mean_anomaly=0.8, eccentricity=0.3), tol=1e-10)
case(kepler, dict(mean_anomaly=2.0, eccentricity=0.95), tol=1e-10)
case(kepler, dict(mean_anomaly=1.1, eccentricity=0.0), tol=1e-10)
case(kepler, dict(mean_anomaly=1.1, eccentricity=0.4), tol=1e300)
case(kepler, dict(mean_anomaly=1.1, eccentricity=0.9), tol=1e300)

case(dft, dict(signal=[0.5, -1.0, 2.0, 0.25, 1.5]))
case(dft, dict(signal=[0.5, -1.0, 2.0, 0.25]))
case(dft, dict(signal=[-0.75]))
case(dft, dict(signal=[]))


def spread(n, salt):
    """Numbers between -1 and 1 without a pattern, short enough to read."""
    return [round(float(mp.sin(12.9898 * (k + salt))), 3) for k in range(n)]


def cell(n, m):
    return dict(input=spread(4 * m * n, 1), recurrent=spread(4 * m * m, 2), bias=spread(4 * m, 3), x=spread(n, 4),
                hidden=spread(m, 5), cell=spread(m, 6))


case(lstm_cell, cell(2, 3))
case(lstm_cell, cell(1, 1))
case(lstm_cell, cell(0, 2))
case(lstm_cell, cell(3, 0))


def layers(n0, n1, n2, n3, salt):
    count = n1 * (n0 + 1) + n2 * (n1 + 1) + n3 * (n2 + 1)
    case(mlp, dict(params=spread(count, salt), x=spread(n0, 2), target=spread(n3, 3)), sizes=[n0, n1, n2, n3])


layers(3, 4, 3, 2, 1)
layers(2, 3, 1, 2, 5)
layers(1, 1, 1, 1, 8)

image = spread(12, 1)
case(warp, dict(image=image, affine=[[0.9, -0.15, 0.37], [0.1, 0.8, 0.25]]), width=4, height=3)
case(warp, dict(image=image, affine=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), width=4, height=3, kink=True)
case(warp, dict(image=image, affine=[[1.0, 0.0, 9.0], [0.0, 1.0, 9.0]]), width=4, height=3)
case(warp, dict(image=[0.8], affine=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), width=1, height=1, kink=True)

knots = dict(x=[0.0, 0.7, 1.5, 2.0, 3.2], y=[1.0, -0.5, 0.8, 2.0, -1.0])
for at in (0.3, 1.9, 1.5, -0.4, 3.6):
    case(spline, {**knots, "at": at})
case(spline, dict(x=[0.0, 2.0], y=[1.0, 4.0], at=0.5))

words = dict(a=[0.3, 1.2, -0.5], b=[0.4, -0.6, 1.0, 0.2], gap=0.6, gamma=0.35)
case(soft_edit, words)
case(soft_edit, {**words, "gamma": 0.01})
case(soft_edit, {**words, "a": [0.9], "b": [0.9]})
case(soft_edit, {**words, "a": []})
case(soft_edit, {**words, "b": []})
case(soft_edit, {**words, "a": [], "b": []})

system = dict(matrix=[4.0, -1.0, 0.5, 0.8, 3.0, -0.7, -0.4, 0.6, 2.5], b=[1.0, -2.0, 0.5], guess=[0.2, 0.1, -0.3])
for sweeps in (0, 1, 4):
    case(gauss_seidel, system, sweeps=sweeps)
case(gauss_seidel, dict(matrix=[2.0], b=[3.0], guess=[7.0]), sweeps=2)

beliefs = dict(rates=[1.3, 0.4, 5.2], shape=2.2, rate=0.9)
case(gamma_poisson, beliefs, counts=[2, 0, 7, 4, 1], groups=[0, 1, 2, 2, 0])
case(gamma_poisson, {**beliefs, "shape": 0.3}, counts=[31], groups=[2])
case(gamma_poisson, beliefs, counts=[], groups=[])
case(gamma_poisson, {**beliefs, "rates": []}, counts=[], groups=[])
