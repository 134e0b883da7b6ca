//! Room on the stack for the recursive part of parsing, wherever the caller stands.

use std::panic::resume_unwind;
use std::thread;

/// Nesting that any caller has the stack for: some 200 KiB without optimisation.
const SHALLOW: usize = 32;

/// Four times what the deepest nesting takes without optimisation.
const ROOM: usize = 8 << 20;

/// Does some work that recurses with the nesting of a text: here, or in a thread of its own when the text nests deep.
pub(crate) fn with_room<T: Send>(depth: usize, work: impl Fn() -> T + Sync) -> T {
    if depth <= SHALLOW {
        return work();
    }
    thread::scope(|scope| match thread::Builder::new().stack_size(ROOM).spawn_scoped(scope, &work) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        // No threads here; the stack at hand has to do, and pest watches it.
        Err(_) => work(),
    })
}
