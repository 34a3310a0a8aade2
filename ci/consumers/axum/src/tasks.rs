//! Tasks that wait for each other, and for nothing else. tokio makes no waker on WASI,
//! so a wake-up between tasks must not be waited for in the poll.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot, Notify};
use tokio::task::{spawn, yield_now, JoinSet, LocalSet};
use tokio::time::sleep;

use crate::bridge::{listen, ANY_PORT};
use crate::Failure;

/// All shapes beside a listener to which nobody connects, with a timer in the runtime
/// and without one. The caller limits the time of the program: a timeout in here
/// would end the wait that is tested.
pub fn awaited_beside_an_idle_listener() -> Result<(), Failure> {
    for timers in [false, true] {
        let mut builder = Builder::new_current_thread();
        builder.enable_io();
        if timers {
            builder.enable_time();
        }
        let runtime = builder.build()?;
        let started = Instant::now();
        runtime.block_on(async {
            let listener = listen(ANY_PORT)?;
            let idle = spawn(async move { listener.accept().await.map(drop) });
            yield_now().await;
            shapes().await?;
            if timers {
                with_timers().await?;
            }
            assert!(!idle.is_finished());
            idle.abort();
            Ok::<_, Failure>(())
        })?;
        // A task that is the only thing to do, without any `.await` of the runtime's own.
        assert_eq!(runtime.block_on(spawn_on(&runtime, 6))?, 36);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(10), "took {took:?}");
        println!("ok: tasks awaited beside an idle listener, timers: {timers}");
    }
    Ok(())
}

/// The square of a number, from a task.
fn spawn_on(runtime: &tokio::runtime::Runtime, number: u32) -> tokio::task::JoinHandle<u32> {
    runtime.spawn(async move { number * number })
}

/// Each step is a task that awaits the next.
fn chain(steps: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        match steps {
            0 => 0,
            _ => spawn(chain(steps - 1)).await.expect("a step") + 1,
        }
    })
}

async fn shapes() -> Result<(), Failure> {
    for number in 0..100 {
        assert_eq!(spawn(async move { number }).await?, number);
    }
    assert_eq!(chain(50).await, 50);

    let (sender, mut receiver) = mpsc::channel(1);
    spawn(async move {
        for number in 0..100 {
            sender.send(number).await.expect("somebody receives");
        }
    });
    let mut sum = 0;
    while let Some(number) = receiver.recv().await {
        sum += number;
    }
    assert_eq!(sum, 4950);

    let (sender, receiver) = oneshot::channel();
    spawn(async move {
        yield_now().await;
        sender.send("sent").expect("somebody receives");
    });
    assert_eq!(receiver.await?, "sent");

    let notify = Arc::new(Notify::new());
    let notifier = Arc::clone(&notify);
    spawn(async move { notifier.notify_one() });
    notify.notified().await;

    for _ in 0..100 {
        yield_now().await;
    }
    // A future that wakes itself, without the help of the runtime.
    let mut left = 10;
    std::future::poll_fn(|context| {
        left -= 1;
        context.waker().wake_by_ref();
        if left == 0 {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;

    let local = LocalSet::new();
    let task = local.run_until(async {
        tokio::task::spawn_local(async {
            yield_now().await;
            5
        })
        .await
    });
    assert_eq!(task.await?, 5);

    let endless = spawn(std::future::pending::<()>());
    yield_now().await;
    endless.abort();
    assert!(endless.await.unwrap_err().is_cancelled());

    let mut set = JoinSet::new();
    for number in 0..10 {
        set.spawn(async move { number });
    }
    let mut sum = 0;
    while let Some(number) = set.join_next().await {
        sum += number?;
    }
    assert_eq!(sum, 45);
    Ok(())
}

/// Timers that feed a channel.
async fn with_timers() -> Result<(), Failure> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    spawn(async move {
        for number in 0..5 {
            sleep(Duration::from_millis(5)).await;
            sender.send(number).expect("somebody receives");
        }
    });
    for number in 0..5 {
        assert_eq!(receiver.recv().await, Some(number));
    }
    Ok(())
}

/// Timers keep their order and their time, also when they are cancelled.
pub async fn timers_and_channels() -> Result<(), Failure> {
    let started = Instant::now();
    let (sender, mut receiver) = mpsc::channel(8);
    for number in [3_u32, 1, 2] {
        let sender = sender.clone();
        spawn(async move {
            sleep(Duration::from_millis(40) * number).await;
            sender.send(number).await.expect("somebody receives");
        });
    }
    drop(sender);
    let mut given_up = 0;
    for number in 1..=3 {
        loop {
            tokio::select! {
                got = receiver.recv() => {
                    assert_eq!(got, Some(number));
                    break;
                }
                () = sleep(Duration::from_millis(15)) => given_up += 1,
            }
        }
        assert!(started.elapsed() >= Duration::from_millis(40) * number);
    }
    assert_eq!(receiver.recv().await, None);
    assert!(given_up > 0, "select! never took the other branch");

    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let started = Instant::now();
    for _ in 0..6 {
        ticks.tick().await;
    }
    assert!(started.elapsed() >= Duration::from_millis(50));
    Ok(())
}
