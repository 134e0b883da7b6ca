//! The price of a European option by Black and Scholes.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod option {
    use derive_grad::math::erf;
    use std::f64::consts::SQRT_2;

    fn normal_cdf(x: f64) -> f64 {
        0.5 * (1.0 + erf(x / SQRT_2))
    }

    #[grad(jvp, source)]
    pub fn black_scholes(spot: f64, strike: f64, rate: f64, volatility: f64, years: f64, call: bool) -> f64 {
        let sign = if call { 1.0 } else { -1.0 };
        if years <= 0.0 {
            return (sign * (spot - strike)).max(0.0);
        }
        let deviation = volatility * years.sqrt();
        let d1 = ((spot / strike).ln() + (rate + 0.5 * volatility * volatility) * years) / deviation;
        let d2 = d1 - deviation;
        sign * (spot * normal_cdf(sign * d1) - strike * (-rate * years).exp() * normal_cdf(sign * d2))
    }
}

#[derive(Deserialize)]
pub struct Input {
    spot: f64,
    strike: f64,
    rate: f64,
    volatility: f64,
    years: f64,
    call: bool,
}

impl Fixture for Input {
    const NAME: &'static str = "black_scholes";
    const SOURCE: &'static str = option::BLACK_SCHOLES_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![option::black_scholes(self.spot, self.strike, self.rate, self.volatility, self.years, self.call)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) =
            option::black_scholes_grad(self.spot, self.strike, self.rate, self.volatility, self.years, self.call);
        Some((
            value,
            json!({ "spot": g.spot, "strike": g.strike, "rate": g.rate, "volatility": g.volatility, "years": g.years }),
        ))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) =
            option::black_scholes_forward(self.spot, self.strike, self.rate, self.volatility, self.years, self.call);
        let g = option::black_scholes_backward(
            &residuals,
            self.spot,
            self.strike,
            self.rate,
            self.volatility,
            self.years,
            self.call,
            cotangent[0],
        );
        (
            vec![value],
            json!({ "spot": g.spot, "strike": g.strike, "rate": g.rate, "volatility": g.volatility, "years": g.years }),
        )
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = option::black_scholes_jvp(
            self.spot,
            self.strike,
            self.rate,
            self.volatility,
            self.years,
            self.call,
            d.spot,
            d.strike,
            d.rate,
            d.volatility,
            d.years,
        );
        (vec![value], vec![along])
    }
}
