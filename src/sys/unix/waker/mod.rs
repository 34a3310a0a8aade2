//! Which waker a Unix system uses: an eventfd beside epoll.

mod eventfd;

pub(crate) use self::eventfd::Waker;
