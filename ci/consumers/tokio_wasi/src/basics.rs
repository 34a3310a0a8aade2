//! Clocks, channels, locks and cancellation, beside sockets that wait.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch, Barrier, Mutex, Notify, RwLock, Semaphore};
use tokio::task::LocalSet;
use tokio::time::{interval, sleep, sleep_until, timeout};

use crate::Failure;

/// Sleepers wake in the order of their times and not before, an interval keeps its
/// pace, all beside an idle socket.
pub async fn clocks() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut silent = TcpStream::connect(listener.local_addr()?).await?;
    let (done, mut order) = mpsc::unbounded_channel();
    let start = Instant::now();
    for number in [5_u64, 1, 4, 2, 3] {
        let done = done.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(40 * number)).await;
            done.send((number, start.elapsed())).expect("it waits");
        });
    }
    for expected in 1..=5 {
        let (number, elapsed) = tokio::select! {
            woken = order.recv() => woken.ok_or("the sleepers are gone")?,
            _ = silent.read_u8() => return Err("a byte that nobody has sent".into()),
        };
        assert_eq!(number, expected);
        assert!(elapsed >= Duration::from_millis(40 * number), "{elapsed:?}");
    }

    let mut ticks = interval(Duration::from_millis(10));
    let start = Instant::now();
    for _ in 0..11 {
        ticks.tick().await;
    }
    assert!(start.elapsed() >= Duration::from_millis(100));
    let end = tokio::time::Instant::now() + Duration::from_millis(20);
    sleep_until(end).await;
    assert!(tokio::time::Instant::now() >= end);
    let (mut accepted, _) = listener.accept().await?;
    accepted.write_u8(7).await?;
    assert_eq!(silent.read_u8().await?, 7);
    Ok(())
}

/// Channels and locks between tasks.
pub async fn channels_and_locks() -> Result<(), Failure> {
    let (sender, mut receiver) = mpsc::channel(4);
    let producers: Vec<_> = (0..10_u32)
        .map(|number| {
            let sender = sender.clone();
            // More than the channel holds, so that senders wait.
            tokio::spawn(async move {
                for at in 0..50 {
                    sender.send(number * 50 + at).await.expect("it receives");
                }
            })
        })
        .collect();
    drop(sender);
    let mut sum = 0;
    while let Some(number) = receiver.recv().await {
        sum += number;
    }
    assert_eq!(sum, (0..500).sum());
    for producer in producers {
        producer.await?;
    }

    let total = Arc::new(Mutex::new(0_u32));
    let shared = Arc::new(RwLock::new(String::from("before")));
    let few = Arc::new(Semaphore::new(3));
    let barrier = Arc::new(Barrier::new(20));
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (total, shared) = (total.clone(), shared.clone());
            let (few, barrier) = (few.clone(), barrier.clone());
            tokio::spawn(async move {
                assert_eq!(*shared.read().await, "before");
                let is_leader = barrier.wait().await.is_leader();
                if is_leader {
                    *shared.write().await = "after".into();
                }
                let _permit = few.acquire().await?;
                let mut total = total.lock().await;
                let before = *total;
                sleep(Duration::from_millis(1)).await;
                *total = before + number;
                Ok::<_, Failure>(is_leader)
            })
        })
        .collect();
    let mut leaders = 0;
    for task in tasks {
        leaders += u32::from(task.await??);
    }
    assert_eq!((leaders, *total.lock().await), (1, 190));
    assert_eq!(
        (&**shared.read().await, few.available_permits()),
        ("after", 3)
    );
    signals_between_tasks().await
}

/// Broadcasts, watched values, notifications, and tasks that stay on their thread.
async fn signals_between_tasks() -> Result<(), Failure> {
    let (sender, mut first) = broadcast::channel(16);
    let mut second = sender.subscribe();
    sender.send("to all")?;
    assert_eq!(
        (first.recv().await?, second.recv().await?),
        ("to all", "to all")
    );

    let (sender, mut receiver) = watch::channel(0);
    let watcher = tokio::spawn(async move {
        while *receiver.borrow_and_update() != 3 {
            receiver.changed().await?;
        }
        Ok::<_, watch::error::RecvError>(())
    });
    for value in 1..=3 {
        tokio::task::yield_now().await;
        sender.send(value)?;
    }
    watcher.await??;

    let local = LocalSet::new();
    let notify = Rc::new(Notify::new());
    let waiting = notify.clone();
    let waiter = local.spawn_local(async move { waiting.notified().await });
    local
        .run_until(async move {
            notify.notify_one();
            waiter.await
        })
        .await?;
    Ok(())
}

/// Tasks that are aborted in the middle of a read free their sockets, and their
/// peers see the end.
pub async fn aborted_tasks() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    for _ in 0..50 {
        let mut stream = TcpStream::connect(address).await?;
        let (mut accepted, _) = listener.accept().await?;
        let task = tokio::spawn(async move { accepted.read_u8().await });
        tokio::task::yield_now().await;
        task.abort();
        let error = task.await.expect_err("it was aborted");
        assert!(error.is_cancelled());
        let read = timeout(Duration::from_secs(5), stream.read(&mut [0; 4])).await?;
        assert_eq!(read?, 0, "the aborted task has kept its socket");
    }
    Ok(())
}
