//! Everything that tokio does with mio: TCP, UDP, Unix sockets, signals, child
//! processes, pipes, many threads. Exits with an error when something differs.

mod sockets;

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{unix, UnixDatagram, UnixListener, UnixStream};
use tokio::process::Command;
use tokio::signal::unix::{signal, SignalKind};
use tokio::time::timeout;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn unix_sockets() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("mio-consumer-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("stream");
    let listener = UnixListener::bind(&path)?;
    let mut client = UnixStream::connect(&path).await?;
    let (mut server, _) = listener.accept().await?;
    client.write_all(b"by a path").await?;
    let mut buffer = [0; 9];
    server.read_exact(&mut buffer).await?;
    assert_eq!(&buffer, b"by a path");
    assert_eq!(client.peer_addr()?.as_pathname(), Some(&*path));

    let (first, second) = UnixDatagram::pair()?;
    first.send(b"datagram").await?;
    let mut buffer = [0; 16];
    assert_eq!(second.recv(&mut buffer).await?, 8);

    let (mut sender, mut receiver) = unix::pipe::pipe()?;
    sender.write_all(b"pipe").await?;
    drop(sender);
    let mut received = Vec::new();
    receiver.read_to_end(&mut received).await?;
    assert_eq!(received, b"pipe");
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

async fn signals_and_processes() -> Result<(), Failure> {
    let mut hang_ups = signal(SignalKind::hangup())?;
    let status = Command::new("kill")
        .args(["-HUP", &std::process::id().to_string()])
        .status()
        .await?;
    assert!(status.success());
    hang_ups.recv().await.ok_or("no signal")?;

    let mut cat = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = cat.stdin.take().ok_or("no stdin")?;
    let mut stdout = cat.stdout.take().ok_or("no stdout")?;
    // In turns, then more than pipes hold.
    for number in 0..300_u32 {
        let mut answer = [0; 4];
        stdin.write_all(&number.to_le_bytes()).await?;
        stdout.read_exact(&mut answer).await?;
        assert_eq!(answer, number.to_le_bytes());
    }
    let message = sockets::message(0, 4 << 20);
    let mut answer = vec![0; message.len()];
    let (sent, received) = tokio::join!(
        async {
            stdin.write_all(&message).await?;
            drop(stdin);
            Ok::<_, Failure>(())
        },
        stdout.read_exact(&mut answer),
    );
    sent?;
    received?;
    assert!(answer == message, "cat has changed something");
    assert_eq!(stdout.read(&mut answer).await?, 0);
    assert!(cat.wait().await?.success());

    let mut sleep = Command::new("sleep").arg("60").kill_on_drop(true).spawn()?;
    sleep.kill().await?;
    assert_eq!(sleep.wait().await?.signal(), Some(9));
    let output = Command::new("sh")
        .args(["-c", "echo out; echo err >&2; exit 3"])
        .output()
        .await?;
    assert_eq!(
        (&output.stdout[..], &output.stderr[..]),
        (&b"out\n"[..], &b"err\n"[..])
    );
    assert_eq!(output.status.code(), Some(3));
    Ok(())
}

async fn everything() -> Result<(), Failure> {
    let limit = Duration::from_secs(60);
    timeout(limit, sockets::tcp()).await??;
    timeout(limit, sockets::refusal_and_timeout()).await??;
    timeout(limit, sockets::udp()).await??;
    timeout(limit, unix_sockets()).await??;
    timeout(limit, signals_and_processes()).await??;
    Ok(())
}

fn main() -> Result<(), Failure> {
    for threads in [1, 4] {
        let runtime = match threads {
            1 => tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            _ => tokio::runtime::Builder::new_multi_thread()
                .worker_threads(threads)
                .enable_all()
                .build()?,
        };
        runtime.block_on(everything())?;
        println!("ok: all of it on {threads} threads");
    }
    Ok(())
}
