//! mysql_async with MariaDB: a pool, transactions, large values, and what goes wrong.
//!
//! Argument: the server's address.

use std::time::Duration;

use client_support::{
    argument, assert_kind, assert_mentions, check, must_fail, pattern, refused_address, Proxy,
    UNKNOWN_HOST,
};
use mysql_async::prelude::{Query, Queryable, WithParams};
use mysql_async::{Conn, Error, Opts, Pool, TxOpts};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The server's address with user, password and database.
fn options(server: &str) -> Opts {
    let url = format!("mysql://mio:checks@{server}/mio?prefer_socket=false");
    Opts::from_url(&url).expect("an address of MySQL")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let server = argument(1);
    let pool = Pool::new(options(&server));
    check("a table", table(&pool)).await?;
    check("20 queries at once", parallel(&pool)).await?;
    check("transactions", transactions(&pool)).await?;
    check("a value of 1 MB", large_value(&pool)).await?;
    check("a violated constraint", violation(&pool)).await?;
    check("a timeout", timeout(&pool)).await?;
    check("closing the pool", pool.disconnect()).await?;
    check("a wrong password", wrong_password(&server)).await;
    check("refused", refused()).await?;
    check("an unknown name", unknown_name(&server)).await;
    check("a server that vanishes", vanishing(&server)).await?;
    Ok(())
}

async fn table(pool: &Pool) -> Result<()> {
    let mut connection = pool.get_conn().await?;
    connection
        .query_drop("DROP TABLE IF EXISTS accounts")
        .await?;
    connection
        .query_drop(
            "CREATE TABLE accounts (name VARCHAR(40) PRIMARY KEY, amount BIGINT, data LONGBLOB)",
        )
        .await?;
    let accounts = [("ferris", 40i64), ("corro", 2)];
    connection
        .exec_batch(
            "INSERT INTO accounts (name, amount) VALUES (?, ?)",
            accounts,
        )
        .await?;
    let found: Vec<(String, i64, Option<Vec<u8>>)> = connection
        .query("SELECT name, amount, data FROM accounts ORDER BY name")
        .await?;
    assert_eq!(
        found,
        [("corro".into(), 2, None), ("ferris".into(), 40, None)]
    );
    Ok(())
}

async fn parallel(pool: &Pool) -> Result<()> {
    let mut queries = JoinSet::new();
    for i in 0..20i64 {
        let pool = pool.clone();
        queries.spawn(async move { "SELECT ? * 2, SLEEP(0.02)".with((i,)).first(&pool).await });
    }
    let mut doubled = Vec::new();
    for result in queries.join_all().await {
        let (value, slept): (i64, i64) = result?.expect("a row");
        assert_eq!(slept, 0);
        doubled.push(value);
    }
    doubled.sort_unstable();
    assert_eq!(doubled, (0..40).step_by(2).collect::<Vec<i64>>());
    Ok(())
}

/// The amounts of both accounts.
async fn amounts(pool: &Pool) -> mysql_async::Result<Vec<i64>> {
    "SELECT amount FROM accounts ORDER BY name"
        .fetch(pool)
        .await
}

async fn transactions(pool: &Pool) -> Result<()> {
    for commit in [false, true] {
        let mut transaction = pool.start_transaction(TxOpts::default()).await?;
        for (name, change) in [("ferris", -10), ("corro", 10)] {
            let update = "UPDATE accounts SET amount = amount + ? WHERE name = ?";
            transaction.exec_drop(update, (change, name)).await?;
            assert_eq!(transaction.affected_rows(), 1);
        }
        assert_eq!(amounts(pool).await?, [2, 40]);
        if commit {
            transaction.commit().await?;
            assert_eq!(amounts(pool).await?, [12, 30]);
        } else {
            transaction.rollback().await?;
            assert_eq!(amounts(pool).await?, [2, 40]);
        }
    }
    Ok(())
}

async fn large_value(pool: &Pool) -> Result<()> {
    let value = pattern(1_000_000);
    let mut connection = pool.get_conn().await?;
    let update = "UPDATE accounts SET data = ? WHERE name = 'ferris'";
    connection.exec_drop(update, (&value,)).await?;
    assert_eq!(connection.affected_rows(), 1);
    let query = "SELECT data FROM accounts WHERE name = ?";
    let found: Option<Vec<u8>> = connection.exec_first(query, ("ferris",)).await?;
    assert!(
        found.expect("a row") == value,
        "a value of 1 MB came back changed"
    );
    Ok(())
}

async fn violation(pool: &Pool) -> Result<()> {
    let mut connection = pool.get_conn().await?;
    let insert = "INSERT INTO accounts (name) VALUES ('ferris')";
    match must_fail(connection.query_drop(insert).await) {
        Error::Server(error) => assert_eq!((error.code, error.state.as_str()), (1062, "23000")),
        other => panic!("{other:?} in place of the server's error"),
    }
    connection.ping().await?;
    Ok(())
}

async fn timeout(pool: &Pool) -> Result<()> {
    let mut connection = pool.get_conn().await?;
    let query = connection.query_drop("SELECT SLEEP(2)");
    let waiting = tokio::time::timeout(Duration::from_millis(300), query).await;
    assert!(waiting.is_err());
    drop(connection);
    let one: Option<i32> = "SELECT 1".first(pool).await?;
    assert_eq!(one, Some(1));
    Ok(())
}

async fn wrong_password(server: &str) {
    let wrong = mysql_async::OptsBuilder::from_opts(options(server)).pass(Some("guess"));
    match must_fail(Conn::new(wrong).await) {
        Error::Server(error) => assert_eq!(error.code, 1045),
        other => panic!("{other:?} in place of the server's error"),
    }
}

async fn refused() -> Result<()> {
    let address = refused_address().await?.to_string();
    let error = must_fail(Conn::new(options(&address)).await);
    assert!(matches!(error, Error::Io(_)), "{error:?}");
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name(server: &str) {
    let unknown = server.replace("127.0.0.1", UNKNOWN_HOST);
    let error = must_fail(Conn::new(options(&unknown)).await);
    assert!(matches!(error, Error::Io(_)), "{error:?}");
}

async fn vanishing(server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let mut connection = Conn::new(options(&proxy.address().to_string())).await?;
    connection.ping().await?;
    let query = connection.query_drop("SELECT SLEEP(20)");
    let vanish = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.vanish().await;
    };
    let error = must_fail(tokio::join!(query, vanish).0);
    assert!(matches!(error, Error::Io(_)), "{error:?}");
    assert_mentions(&error, "onnection");
    Ok(())
}
