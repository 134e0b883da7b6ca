// Which methods of an annotated module are not differentiated, and why.

use derive_grad::derive_grad;

#[derive_grad]
mod model {
    pub struct Line {
        pub slope: f64,
    }

    impl Line {
        #[grad]
        pub fn changing(&mut self, x: f64) -> f64 {
            self.slope = x;
            x
        }

        #[grad]
        pub fn boxed(self: Box<Self>, x: f64) -> f64 {
            self.slope * x
        }

        #[grad(wrt(slef))]
        pub fn misspelt(&self, x: f64) -> f64 {
            self.slope * x
        }
    }

    #[cfg(all())]
    impl Line {
        #[grad]
        pub fn perhaps(&self, x: f64) -> f64 {
            self.slope * x
        }
    }

    pub trait At {
        fn at(&self, x: f64) -> f64;
    }

    impl At for Line {
        #[grad]
        fn at(&self, x: f64) -> f64 {
            self.slope * x
        }
    }

    pub struct Pair<T>(pub T, pub T);

    impl<T: Copy> Pair<T> {
        #[grad]
        pub fn first(&self, x: f64) -> f64 {
            x
        }
    }

    pub enum Mode {
        Fast,
    }

    impl Mode {
        #[grad]
        pub fn speed(&self, x: f64) -> f64 {
            x
        }
    }
}

pub fn used(line: &model::Line) -> f64 {
    line.misspelt_grad(1.0).1.slope
}
