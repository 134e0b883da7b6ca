//! Typical mistakes, each with the message it must give. `TRYBUILD=overwrite` rewrites the messages.

#[test]
fn errors() {
    trybuild::TestCases::new().compile_fail("tests/errors/*.rs");
}
