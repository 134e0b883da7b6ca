//! Snapshots of what is generated for the workloads.

use crate::{ba, gmm, hello, ht, llsq, lse, lstm, ode};

/// For each workload a test of its own.
macro_rules! snapshots {
    ($($test:ident: $source:expr)*) => {
        $(
            #[test]
            fn $test() {
                insta::assert_snapshot!(stringify!($test), $source);
            }
        )*
    };
}

snapshots! {
    hello_code: hello::SQUARE_SOURCE
    llsq_code: llsq::OBJECTIVE_SOURCE
    lse_code: lse::LOG_SUM_EXP_SOURCE
    gmm_code: gmm::mixture::LOG_POSTERIOR_SOURCE
    ba_code: ba::camera::REPROJECTION_SOURCE
    ba_weight_code: ba::camera::WEIGHT_ERROR_SOURCE
    ht_vertices_code: ht::hand::TO_VERTICES_SOURCE
    ht_triangles_code: ht::hand::TO_TRIANGLES_SOURCE
    lstm_code: lstm::network::LOSS_SOURCE
    ode_code: ode::runge_kutta::SOLVE_SOURCE
}
