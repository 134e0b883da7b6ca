// Names that are nearly right, and names of what cannot be seen.

use derive_grad::derive_grad;

const SCALE: f64 = 2.0;
static OFFSET: f64 = 1.0;

fn helper(x: f64) -> f64 {
    x
}

#[derive_grad]
pub fn variables(weight: f64, rate: f64) -> f64 {
    let total = wieght * 2.0;
    let mut sum = rate;
    summ += total;
    somewhere = 1.0;
    sum
}

#[derive_grad]
pub fn constants(x: f64) -> f64 {
    let a = x * SCALE;
    let b = x * PI;
    let c = x * std::f64::consts::PII;
    let d = x + OFFSET;
    let e = f64::INFINITE;
    a + b + c + d + e
}

#[derive_grad]
pub fn functions(x: f64) -> f64 {
    let square = |y: f64| y * y;
    let a = sigmiod(x);
    let b = sqaure(x);
    let c = derive_grad::math::sofplus(x);
    let d = derive_grad::math::airy(x);
    let e = exp(x);
    let f = other::place::sigmoid(x);
    let g = helper(x);
    a + b + c + d + e + f + g
}

#[derive_grad]
pub fn methods(x: f64, n: usize, v: &[f64]) -> f64 {
    let a = x.sqr();
    let b = x.softplus();
    let c = x.to_bits();
    let d = n.mim(3);
    let e = n.count_ones();
    let f = n.sqrt();
    let g = v.lenght();
    let h = v.exp();
    let i = (x > 0.0).then(1.0);
    let j = v.iter().enumarate().map(|(i, v)| v).sum::<f64>();
    let k = v.iter().sums::<f64>();
    a + b + h
}

// `SCALE` and `helper` are all right where they can be seen.
#[derive_grad]
mod seen {
    const SCALE: f64 = 2.0;
    static mut COUNT: f64 = 0.0;

    pub enum Mode {
        Fast,
    }

    pub union Bits {
        float: f64,
        bits: u64,
    }

    pub struct Line {
        pub slope: f64,
        pub offset: f64,
    }

    impl Line {
        fn at(&self, x: f64) -> f64 {
            self.slope * x + self.offset
        }
    }

    fn helper(x: f64) -> f64 {
        x * SCALE
    }

    #[grad]
    pub fn near(line: &Line, x: f64) -> f64 {
        let a = helpr(x) * SCLAE;
        let b = line.slop + line.ta(x);
        let c = Line { slpe: 1.0, offset: 2.0 };
        let d = Line { slope: 1.0 };
        let Line { slope, ofset } = line;
        a + b + c.at(x) + d.at(x) + Line::att(line, x)
    }

    #[grad]
    pub fn others(x: f64) -> f64 {
        let mode = Mode::Fast;
        x * unsafe { COUNT } + COUNT
    }

    #[grad]
    pub fn unions(b: Bits, m: Mode, l: &Lin, x: f64) -> f64 {
        x
    }

    pub fn used(line: &Line, x: f64) -> f64 {
        let (value, grad) = near_grad(line, x);
        value + grad.line.slope + grad.x + others_grad(x).1
    }
}

pub fn used(x: f64) -> f64 {
    variables_grad(x, x).1.weight + constants_grad(x).1 + functions_grad(x).1 + methods_grad(x, 1, &[x]).1.x
}
