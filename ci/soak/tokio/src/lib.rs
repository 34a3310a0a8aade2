//! What both programs share: the content of bodies, and the memory in use.

use peak_alloc::PeakAlloc;

/// Counts the allocated bytes.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Length of the pattern.
const PERIOD: usize = 251;

/// The bytes of a body.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % PERIOD) as u8).collect()
}

/// The allocated bytes, and the pages of the module's memory, which never shrinks.
pub fn memory() -> (usize, usize) {
    #[cfg(target_arch = "wasm32")]
    let pages = std::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0;
    (ALLOCATOR.current_usage(), pages)
}
