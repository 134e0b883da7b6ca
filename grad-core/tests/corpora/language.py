"""The formula language over mpmath: a second reading of it, which shares nothing with the compiler.

`Formula(source)` has `params`, the declared and free names in order, and `value(point)`. Numbers are mpmath's at the
precision of the moment, a literal is the double that it is in Rust, arrays are lists; only the arm that is taken is
evaluated.
"""

import re
from functools import reduce

from mpmath import mp, mpf

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|\.\.|[-+*/^<>@·()\[\],:;='√]))"
)
WORDS = {"let", "fn", "if", "then", "else", "in", "for", "and", "or", "not"}


class Row(list):
    """A vector that `'` has turned."""


def tokens(source):
    text = "\n".join(line.split("#")[0] for line in source.splitlines())
    # A line that ends a `let` or a `fn` ends it: outside brackets, before a line that begins something new.
    out, at, depth = [], 0, 0
    for line in text.splitlines():
        at = 0
        while line[at:].strip():
            found = TOKEN.match(line, at)
            if not found:
                raise SyntaxError(f"{line[at:]!r} in {source!r}")
            at = found.end()
            kind = found.lastgroup
            word = found.group(kind)
            if word in "([":
                depth += 1
            if word in ")]":
                depth -= 1
            out.append(("op" if word in WORDS else kind, word))
        if depth == 0:
            out.append(("op", ";"))
    return out


def spread(f, *xs):
    """f element by element; scalars go with every element."""
    first = next((x for x in xs if isinstance(x, list)), None)
    if first is None:
        return f(*xs)
    rows = [spread(f, *(x[k] if isinstance(x, list) else x for x in xs)) for k in range(len(first))]
    return Row(rows) if all(isinstance(x, Row) for x in xs if isinstance(x, list)) else rows


def flat(x):
    return [y for row in x for y in flat(row)] if isinstance(x, list) else [x]


def transpose(x):
    if x and isinstance(x[0], list):
        return [list(row) for row in zip(*x)]
    return list(x) if isinstance(x, Row) else Row(x)


def dot(x, y):
    return sum((a * b for a, b in zip(x, y, strict=True)), mpf(0))


def product(x, y):
    matrix = [isinstance(z[0], list) for z in (x, y)]
    if matrix == [False, False]:
        if isinstance(y, Row) and not isinstance(x, Row):
            return [[a * b for b in y] for a in x]
        return dot(x, y)
    if matrix == [True, False]:
        return [dot(row, y) for row in x]
    columns = transpose(y)
    if matrix == [False, True]:
        return Row(dot(x, column) for column in columns)
    return [[dot(row, column) for column in columns] for row in x]


def power(x, y):
    # x^0 is 1 and 0^y is 0 for y > 0; a negative base takes whole exponents only.
    if mp.isint(y):
        return mpf(x) ** int(y)
    if x < 0:
        raise ValueError("a root of a negative number")
    return mpf(x) ** y


def real(f):
    def checked(x):
        y = f(x)
        if isinstance(y, mp.mpc):
            raise ValueError("a complex value")
        return y

    return checked


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log(1 + mp.exp(x))


SCALAR = {
    "pow": power, "exp": mp.exp, "exp_m1": lambda x: mp.exp(x) - 1, "exp2": lambda x: mpf(2) ** x,
    "ln": real(mp.log), "log2": real(lambda x: mp.log(x) / mp.log(2)), "log10": real(lambda x: mp.log(x) / mp.log(10)),
    "ln_1p": real(lambda x: mp.log(1 + x)), "sqrt": real(mp.sqrt),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "abs": abs, "sign": mp.sign, "floor": mp.floor, "ceil": mp.ceil,
    "trunc": lambda x: mp.sign(x) * mp.floor(abs(x)), "round": lambda x: mp.sign(x) * mp.floor(abs(x) + mpf(1) / 2),
    "rem": lambda x, y: x - y * mp.sign(x / y) * mp.floor(abs(x / y)),
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "asin": real(mp.asin), "acos": real(mp.acos), "atan": mp.atan,
    "atan2": mp.atan2, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "asinh": mp.asinh,
    "acosh": real(mp.acosh), "atanh": real(mp.atanh), "sinc": lambda x: mp.sin(x) / x if x else mpf(1),
    "sec": mp.sec, "csc": mp.csc, "cot": mp.cot, "asec": real(mp.asec), "acsc": real(mp.acsc),
    "acot": lambda x: mp.atan(1 / x), "sech": mp.sech, "csch": mp.csch, "coth": mp.coth,
    "asech": real(mp.asech), "acsch": mp.acsch, "acoth": real(mp.acoth),
    "erf": mp.erf, "erfc": mp.erfc, "lgamma": lambda x: mp.re(mp.loggamma(x)), "digamma": mp.digamma,
    "trigamma": lambda x: mp.psi(1, x),
    "sigmoid": sigmoid, "softplus": softplus, "log_sigmoid": lambda x: -softplus(-x),
    "relu": lambda x: max(x, mpf(0)), "leaky_relu": lambda x, s: x if x > 0 else s * x,
    "elu": lambda x, a: x if x > 0 else a * (mp.exp(x) - 1),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * mp.tanh(softplus(x)), "softsign": lambda x: x / (1 + abs(x)),
    "clamp": lambda x, lo, hi: min(max(x, lo), hi),
}  # fmt: skip
ALIAS = {
    "log": "ln", "expm1": "exp_m1", "log1p": "ln_1p", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "σ": "sigmoid", "logistic": "sigmoid",
    "expit": "sigmoid", "logsigmoid": "log_sigmoid", "sgn": "sign", "swish": "silu", "powf": "pow",
}  # fmt: skip


def determinant(a):
    return mp.det(mp.matrix(a))


def inverse(a):
    return (mp.matrix(a) ** -1).tolist()


def solve(a, b):
    if isinstance(b[0], list):
        return transpose([solve(a, column) for column in transpose(b)])
    return list(mp.lu_solve(mp.matrix(a), mp.matrix(b)))


def logsumexp(x):
    return mp.log(sum(mp.exp(y) for y in flat(x)))


def mean(x):
    return sum(flat(x), mpf(0)) / len(flat(x))


ARRAY = {
    "sum": lambda x: sum(flat(x), mpf(0)), "prod": lambda x: reduce(lambda a, b: a * b, flat(x), mpf(1)),
    "mean": mean, "dot": dot, "norm": lambda x: mp.sqrt(sum(y * y for y in flat(x))),
    "norm1": lambda x: sum(abs(y) for y in flat(x)), "var": lambda x: mean([(y - mean(x)) ** 2 for y in flat(x)]),
    "logsumexp": logsumexp, "softmax": lambda x: [mp.exp(y - logsumexp(x)) for y in x],
    "log_softmax": lambda x: [y - logsumexp(x) for y in x], "transpose": transpose,
    "trace": lambda a: sum((a[k][k] for k in range(len(a))), mpf(0)), "det": determinant, "inv": inverse,
    "solve": solve, "logdet": lambda a: mp.log(determinant(a)),
    "mse": lambda x, y: mean(spread(lambda a, b: (a - b) ** 2, x, y)),
    "huber": lambda r, d=mpf(1): spread(lambda r, d: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2), r, d),
    "hinge": lambda m: spread(lambda m: max(mpf(0), 1 - m), m),
    "cross_entropy": lambda x, y: sum(p * (logsumexp(x) - l) for p, l in zip(y, x, strict=True))
    if isinstance(y, list) else logsumexp(x) - x[int(y)],
    "binary_cross_entropy": lambda p, y: mean(
        spread(lambda p, y: -((y * mp.log(p) if y else 0) + ((1 - y) * mp.log(1 - p) if y != 1 else 0)), p, y)
    ),
    "svm": lambda s, y: sum(max(mpf(0), s[j] - s[int(y)] + 1) for j in range(len(s)) if j != int(y)),
}  # fmt: skip
CONSTANT = {"pi": lambda: +mp.pi, "π": lambda: +mp.pi, "e": lambda: +mp.e, "inf": lambda: mp.inf}
COMPARE = {
    "<": lambda x, y: x < y, "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y, "!=": lambda x, y: x != y,
}  # fmt: skip


class Formula:
    """A formula, read once; its parts are closures over an environment."""

    def __init__(self, source):
        self.source, self.tokens, self.at = source, tokens(source), 0
        self.params, self.declared, self.bound, self.items, self.functions = [], {}, set(), [], {}
        while self.take(";"):
            pass
        if any(word == ";" for _, word in self.tokens[self.at : -1]):
            self.header()
        while True:
            while self.take(";"):
                pass
            if self.take("let"):
                name = self.next()
                self.expect("=")
                self.items.append((name, self.expr()))
                self.bound.add(name)
            elif self.take("fn"):
                self.function()
            else:
                break
        self.result = self.expr()
        while self.take(";"):
            pass
        if self.at != len(self.tokens):
            raise SyntaxError(f"{self.tokens[self.at]} in {source!r}")

    def value(self, point):
        env = dict(point)
        for name, expr in self.items:
            env[name] = expr(env)
        return self.result(env)

    def header(self):
        end = next(k for k, token in enumerate(self.tokens) if token[1] == ";" and k > self.at)
        header = self.tokens[self.at : end]
        words = [word for _, word in header]
        plain = all(word == "," or kind == "name" for kind, word in header)
        if words[0] in WORDS or not (":" in words or plain) or "(" in words:
            return
        depth = 0
        for kind, word in header:
            depth += (word == "[") - (word == "]")
            if kind == "name" and depth == 0 and word not in ("index", "scalar"):
                self.params.append(word)
                self.declared[word] = []
            elif depth and kind in ("name", "number"):
                self.declared[self.params[-1]].append(word)
            elif word == "index":
                self.declared[self.params[-1]].append("index")
        self.at = end

    def function(self):
        name = self.next()
        self.expect("(")
        names, defaults = [], []
        while not self.take(")"):
            names.append(self.next())
            defaults.append(self.expr() if self.take("=") else None)
            self.take(",")
        self.expect("=")
        before, self.bound = self.bound, self.bound | set(names)
        body = self.expr()
        self.bound = before

        def call(env, args):
            given = list(args) + [default(env) for default in defaults[len(args) :]]
            return body(env | dict(zip(names, given, strict=True)))

        self.functions[name] = call

    # Tokens.

    def peek(self):
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1][1]

    def take(self, *words):
        if self.peek() in words:
            return self.next()
        return None

    def expect(self, word):
        if not self.take(word):
            raise SyntaxError(f"{word} is due at {self.tokens[self.at:][:5]} in {self.source!r}")

    # Expressions, loosest first.

    def expr(self):
        if self.take("if"):
            cond = self.expr()
            self.expect("then")
            then = self.expr()
            self.expect("else")
            other = self.expr()
            return lambda env: then(env) if cond(env) else other(env)
        left = self.both()
        while self.take("or"):
            left = (lambda x, y: lambda env: x(env) or y(env))(left, self.both())
        return left

    def both(self):
        left = self.negated()
        while self.take("and"):
            left = (lambda x, y: lambda env: x(env) and y(env))(left, self.negated())
        return left

    def negated(self):
        if self.take("not"):
            x = self.negated()
            return lambda env: not x(env)
        links, terms = [], [self.sum()]
        while self.peek() in COMPARE:
            links.append(COMPARE[self.next()])
            terms.append(self.sum())
        if not links:
            return terms[0]

        def chain(env):
            values = [term(env) for term in terms]
            return spread(lambda *xs: all(link(x, y) for link, x, y in zip(links, xs, xs[1:])), *values)

        return chain

    def sum(self):
        left = self.product()
        while op := self.take("+", "-"):
            f = (lambda x, y: x + y) if op == "+" else (lambda x, y: x - y)
            left = (lambda f, x, y: lambda env: spread(f, x(env), y(env)))(f, left, self.product())
        return left

    def product(self):
        left = self.signed()
        while op := self.take("*", "/", "@", "·"):
            right = self.signed()
            if op in "@·":
                left = (lambda x, y: lambda env: product(x(env), y(env)))(left, right)
            else:
                f = (lambda x, y: x * y) if op == "*" else (lambda x, y: mpf(x) / y)
                left = (lambda f, x, y: lambda env: spread(f, x(env), y(env)))(f, left, right)
        return left

    def signed(self):
        if op := self.take("-", "+"):
            x = self.signed()
            return (lambda env: spread(lambda y: -y, x(env))) if op == "-" else x
        base = self.postfix()
        if self.take("^", "**"):
            exponent = self.signed()
            return lambda env: spread(power, base(env), exponent(env))
        return base

    def postfix(self):
        x = self.primary()
        while op := self.take("'", "["):
            if op == "'":
                x = (lambda x: lambda env: transpose(x(env)))(x)
                continue
            places = []
            while not self.take("]"):
                lo = None if self.peek() == ".." else self.expr()
                if self.take(".."):
                    hi = None if self.peek() in (",", "]") else self.expr()
                    places.append((lo, hi))
                else:
                    places.append(lo)
                self.take(",")
            x = (lambda x, places: lambda env: self.subscript(env, x(env), places))(x, places)
        return x

    def subscript(self, env, x, places):
        if not places:
            return x
        place, rest = places[0], places[1:]
        if isinstance(place, tuple):
            lo, hi = (end and int(end(env)) for end in place)
            return [self.subscript(env, row, rest) for row in x[lo:hi]]
        k = int(place(env))
        if not 0 <= k < len(x):
            raise IndexError(f"{k} of {len(x)}")
        return self.subscript(env, x[k], rest)

    def binders(self):
        """`i in lo..hi, … if c`, after which the environments can be walked."""
        binders = []
        while True:
            name = self.next()
            self.expect("in")
            lo = self.expr()
            self.expect("..")
            binders.append((name, lo, self.expr()))
            self.bound = self.bound | {name}
            if not self.take(","):
                break
        keep = self.expr() if self.take("if") else None

        def walk(env, binders=binders):
            if not binders:
                if keep is None or keep(env):
                    yield env
                return
            name, lo, hi = binders[0]
            for k in range(int(lo(env)), int(hi(env))):
                yield from walk(env | {name: k}, binders[1:])

        return binders, walk

    def primary(self):
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return (lambda n: lambda env: n)(int(word)) if word.isdigit() else lambda env: mpf(float(word))
        if word == "if":
            self.at -= 1
            return self.expr()
        if word == "√":
            x = self.postfix()
            return lambda env: spread(SCALAR["sqrt"], x(env))
        if word == "(":
            x = self.expr()
            self.expect(")")
            return x
        if word == "[":
            return self.vector()
        if kind != "name":
            raise SyntaxError(f"{word} in {self.source!r}")
        if self.peek() == "(":
            self.at += 1
            return self.call(word)
        return self.name(word)

    def name(self, word):
        if word not in self.bound and word not in self.params:
            if word in CONSTANT:
                return lambda env: CONSTANT[word]()
            sizes = {d: (p, axis) for p, dims in self.declared.items() for axis, d in enumerate(dims)}
            if word in sizes:
                param, axis = sizes[word]
                return lambda env: len(env[param]) if axis == 0 else len(env[param][0])
            self.params.append(word)
        return lambda env: env[word]

    def vector(self):
        # A comprehension's element is read before its binders: look for `for` first.
        depth, end = 0, self.at
        while True:
            word = self.tokens[end][1]
            if depth == 0 and word in ("for", "]"):
                break
            depth += (word in ("[", "(")) - (word in ("]", ")"))
            end += 1
        if word == "for":
            start, self.at = self.at, end + 1
            before = self.bound
            binders, walk = self.binders()
            self.expect("]")
            after, self.at = self.at, start
            element = self.expr()
            self.at, self.bound = after, before

            def build(env):
                if len(binders) == 1:
                    return [element(inner) for inner in walk(env)]
                (name, lo, hi), *rest = binders
                return [
                    [element(inner) for inner in walk(env | {name: k}, rest)]
                    for k in range(int(lo(env)), int(hi(env)))
                ]

            return build
        parts = []
        while not self.take("]"):
            parts.append(self.expr())
            self.take(",")
        return lambda env: [part(env) for part in parts]

    def call(self, word):
        if self.tokens[self.at][0] == "name" and self.tokens[self.at + 1][1] == "in":
            before = self.bound
            _, walk = self.binders()
            self.expect(":")
            term = self.expr()
            self.expect(")")
            self.bound = before
            whole = {"max": max, "min": min}.get(word) or ARRAY[word]
            return lambda env: whole([term(inner) for inner in walk(env)])
        args, cases = [], []
        while not self.take(")"):
            if word == "piecewise" and self.peek() == "otherwise":
                self.next()
                self.expect(":")
                cases.append((lambda env: True, self.expr()))
            else:
                args.append(self.expr())
                if self.take(":"):
                    cases.append((args.pop(), self.expr()))
                elif self.take("="):
                    args[-1] = self.expr()
            self.take(",")
        if word == "piecewise":
            return lambda env: next(value for cond, value in cases if cond(env))(env)
        if word == "where":
            cond, then, other = args

            def choose(env):
                chosen = cond(env)
                if isinstance(chosen, list):
                    return spread(lambda c, x, y: x if c else y, chosen, then(env), other(env))
                return then(env) if chosen else other(env)

            return choose
        if word in self.functions:
            return lambda env: self.functions[word](env, [arg(env) for arg in args])
        word = ALIAS.get(word, word)
        if word in ("max", "min"):
            f = max if word == "max" else min
            if len(args) == 1:
                return lambda env: f(flat(args[0](env)))
            return lambda env: spread(f, *(arg(env) for arg in args))
        if word in ARRAY:
            return lambda env: ARRAY[word](*(arg(env) for arg in args))
        if word not in SCALAR:
            raise SyntaxError(f"{word} is unknown in {self.source!r}")
        f = SCALAR[word]
        return lambda env: spread(f, *(arg(env) for arg in args))
