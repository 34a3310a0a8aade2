//! Checks of debug builds for two mistakes that are hard to find otherwise: a
//! source used with the wrong registry, and a second waker for one poll. In
//! release builds all types here are empty and all functions do nothing. The
//! same on all systems.

pub(crate) use checks::{RegistryId, SourceCheck};

#[cfg(debug_assertions)]
mod checks {
    use std::io;
    use std::num::NonZeroUsize;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::Arc;

    /// Number of registry ids given out so far.
    static LAST_ID: AtomicUsize = AtomicUsize::new(0);

    /// Identity of a poll, shared by the clones of its registry.
    #[derive(Clone, Debug)]
    pub(crate) struct RegistryId {
        /// Different for each poll of the program.
        number: NonZeroUsize,
        /// Has a waker been made for this poll?
        has_waker: Arc<AtomicBool>,
    }

    impl RegistryId {
        /// An id that no other poll has.
        pub(crate) fn new() -> Self {
            let number = LAST_ID.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            Self {
                number: NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN),
                has_waker: Arc::new(AtomicBool::new(false)),
            }
        }

        /// Panics when this poll has a waker already.
        #[track_caller]
        pub(crate) fn claim_waker(&self) {
            assert!(
                !self.has_waker.swap(true, Ordering::AcqRel),
                "Only a single `Waker` can be active per `Poll` instance, and this one has had one",
            );
        }

        /// Takes the claim back: there is no waker after all.
        pub(crate) fn release_waker(&self) {
            self.has_waker.store(false, Ordering::Release);
        }
    }

    /// Which poll a source is registered with.
    #[derive(Debug)]
    pub(crate) struct SourceCheck {
        /// The number of that poll's id.
        registry: Option<NonZeroUsize>,
    }

    impl SourceCheck {
        /// For a source that is not registered.
        pub(crate) fn new() -> Self {
            Self { registry: None }
        }

        /// Fails when the source is registered, with whichever poll.
        pub(crate) fn before_register(&self) -> io::Result<()> {
            match self.registry {
                Some(_) => Err(crate::sys::already_registered()),
                None => Ok(()),
            }
        }

        /// Fails when the source is not registered with this poll.
        pub(crate) fn before_reregister(&self, id: &RegistryId) -> io::Result<()> {
            match self.registry {
                Some(number) if number == id.number => Ok(()),
                Some(_) => Err(crate::sys::already_registered()),
                None => Err(crate::sys::not_registered()),
            }
        }

        /// Fails when the source is not registered with this poll.
        pub(crate) fn before_deregister(&self, id: &RegistryId) -> io::Result<()> {
            match self.registry {
                Some(number) if number == id.number => Ok(()),
                _ => Err(crate::sys::not_registered()),
            }
        }

        /// Remembers a registration that has succeeded.
        pub(crate) fn registered(&mut self, id: &RegistryId) {
            self.registry = Some(id.number);
        }

        /// Forgets a registration that has ended.
        pub(crate) fn deregistered(&mut self) {
            self.registry = None;
        }
    }
}

#[cfg(not(debug_assertions))]
mod checks {
    use std::io;

    /// Nothing: release builds don't check.
    #[derive(Clone, Debug)]
    pub(crate) struct RegistryId;

    impl RegistryId {
        /// Nothing.
        pub(crate) fn new() -> Self {
            Self
        }

        /// Allows every waker.
        pub(crate) fn claim_waker(&self) {}

        /// Nothing was claimed.
        pub(crate) fn release_waker(&self) {}
    }

    /// Nothing: release builds don't check.
    #[derive(Debug)]
    pub(crate) struct SourceCheck;

    impl SourceCheck {
        /// Nothing.
        pub(crate) fn new() -> Self {
            Self
        }

        /// Allows it: the backend decides.
        pub(crate) fn before_register(&self) -> io::Result<()> {
            Ok(())
        }

        /// Allows it: the backend decides.
        pub(crate) fn before_reregister(&self, _: &RegistryId) -> io::Result<()> {
            Ok(())
        }

        /// Allows it: the backend decides.
        pub(crate) fn before_deregister(&self, _: &RegistryId) -> io::Result<()> {
            Ok(())
        }

        /// Nothing to remember.
        pub(crate) fn registered(&mut self, _: &RegistryId) {}

        /// Nothing to forget.
        pub(crate) fn deregistered(&mut self) {}
    }
}
