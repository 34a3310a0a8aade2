//! sqlx with PostgreSQL: a pool, transactions, large values, and what goes wrong.
//!
//! Argument: the server's address.

use std::time::Duration;

use client_support::{
    argument, assert_kind, assert_mentions, check, must_fail, pattern, refused_address, Proxy,
    UNKNOWN_HOST,
};
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Row};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The server's address with user, password and database.
fn url(server: &str) -> String {
    format!("postgres://mio:checks@{server}/mio?sslmode=disable")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let server = argument(1);
    let options = PgPoolOptions::new().max_connections(4);
    let pool = check("connecting", options.connect(&url(&server))).await?;
    check("a table", table(&pool)).await?;
    check("20 queries on 4 connections", parallel(&pool)).await?;
    check("transactions", transactions(&pool)).await?;
    check("a value of 1 MB", large_value(&pool)).await?;
    check("a violated constraint", violation(&pool)).await;
    check("a pool without a free connection", exhausted(&server)).await?;
    pool.close().await;
    check("a wrong password", wrong_password(&server)).await;
    check("refused", refused()).await?;
    check("an unknown name", unknown_name(&server)).await;
    check("a server that vanishes", vanishing(&server)).await?;
    Ok(())
}

async fn table(pool: &PgPool) -> Result<()> {
    sqlx::query("DROP TABLE IF EXISTS accounts")
        .execute(pool)
        .await?;
    sqlx::query(
        "CREATE TABLE accounts (name TEXT PRIMARY KEY, amount BIGINT NOT NULL, data BYTEA)",
    )
    .execute(pool)
    .await?;
    for (name, amount) in [("ferris", 40i64), ("corro", 2)] {
        let insert = sqlx::query("INSERT INTO accounts VALUES ($1, $2)")
            .bind(name)
            .bind(amount);
        assert_eq!(insert.execute(pool).await?.rows_affected(), 1);
    }
    let rows = sqlx::query("SELECT name, amount, data FROM accounts ORDER BY name");
    let mut found = Vec::new();
    for row in rows.fetch_all(pool).await? {
        assert_eq!(row.try_get::<Option<Vec<u8>>, _>("data")?, None);
        found.push((
            row.try_get::<String, _>("name")?,
            row.try_get::<i64, _>("amount")?,
        ));
    }
    assert_eq!(found, [("corro".into(), 2), ("ferris".into(), 40)]);
    Ok(())
}

async fn parallel(pool: &PgPool) -> Result<()> {
    let mut queries = JoinSet::new();
    for i in 0..20i64 {
        let pool = pool.clone();
        queries.spawn(async move {
            sqlx::query_scalar::<_, i64>("SELECT $1 * 2 FROM pg_sleep(0.02)")
                .bind(i)
                .fetch_one(&pool)
                .await
        });
    }
    let doubled = queries.join_all().await;
    let mut doubled = doubled.into_iter().collect::<sqlx::Result<Vec<i64>>>()?;
    doubled.sort_unstable();
    assert_eq!(doubled, (0..40).step_by(2).collect::<Vec<i64>>());
    assert!(
        pool.size() > 1 && pool.size() <= 4,
        "{} connections",
        pool.size()
    );
    Ok(())
}

/// The amount of an account.
async fn amount(pool: &PgPool, name: &str) -> sqlx::Result<i64> {
    let query = sqlx::query_scalar("SELECT amount FROM accounts WHERE name = $1");
    query.bind(name).fetch_one(pool).await
}

async fn transactions(pool: &PgPool) -> Result<()> {
    const MOVE: &str = "UPDATE accounts SET amount = amount + $2 WHERE name = $1";
    for commit in [false, true] {
        let mut transaction = pool.begin().await?;
        for (name, change) in [("ferris", -10i64), ("corro", 10)] {
            sqlx::query(MOVE)
                .bind(name)
                .bind(change)
                .execute(&mut *transaction)
                .await?;
        }
        assert_eq!(amount(pool, "ferris").await?, 40);
        if commit {
            transaction.commit().await?;
            assert_eq!(
                (amount(pool, "ferris").await?, amount(pool, "corro").await?),
                (30, 12)
            );
        } else {
            transaction.rollback().await?;
            assert_eq!(
                (amount(pool, "ferris").await?, amount(pool, "corro").await?),
                (40, 2)
            );
        }
    }
    Ok(())
}

async fn large_value(pool: &PgPool) -> Result<()> {
    let value = pattern(1_000_000);
    let update = sqlx::query("UPDATE accounts SET data = $1 WHERE name = 'ferris'").bind(&value);
    assert_eq!(update.execute(pool).await?.rows_affected(), 1);
    let query = sqlx::query_scalar("SELECT data FROM accounts WHERE name = 'ferris'");
    let found: Vec<u8> = query.fetch_one(pool).await?;
    assert!(found == value, "a value of 1 MB came back changed");
    Ok(())
}

async fn violation(pool: &PgPool) {
    let insert = sqlx::query("INSERT INTO accounts VALUES ('ferris', 0)");
    let error = must_fail(insert.execute(pool).await);
    let error = error.into_database_error().expect("the server's error");
    assert!(error.is_unique_violation());
    assert_eq!(error.code().as_deref(), Some("23505"));
}

async fn exhausted(server: &str) -> Result<()> {
    let options = PgPoolOptions::new().max_connections(1);
    // Long enough for the password's hashes in an interpreter: connecting counts too.
    let pool = options
        .acquire_timeout(Duration::from_secs(3))
        .connect(&url(server))
        .await?;
    let held = pool.acquire().await?;
    assert!(matches!(
        must_fail(pool.acquire().await),
        sqlx::Error::PoolTimedOut
    ));
    drop(held);
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&pool).await?;
    assert_eq!(one, 1);
    pool.close().await;
    Ok(())
}

async fn wrong_password(server: &str) {
    let url = url(server).replace("checks", "guess");
    let error = must_fail(PgConnection::connect(&url).await);
    let error = error.into_database_error().expect("the server's error");
    assert_eq!(error.code().as_deref(), Some("28P01"));
}

async fn refused() -> Result<()> {
    let address = refused_address().await?.to_string();
    let error = must_fail(PgConnection::connect(&url(&address)).await);
    assert_kind(&error, std::io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn unknown_name(server: &str) {
    let url = url(server).replace("127.0.0.1", UNKNOWN_HOST);
    let error = must_fail(PgConnection::connect(&url).await);
    assert!(matches!(error, sqlx::Error::Io(_)), "{error:?}");
}

async fn vanishing(server: &str) -> Result<()> {
    let proxy = Proxy::start(server).await?;
    let mut connection = PgConnection::connect(&url(&proxy.address().to_string())).await?;
    let one: i32 = sqlx::query_scalar("SELECT 1")
        .fetch_one(&mut connection)
        .await?;
    assert_eq!(one, 1);
    let query = sqlx::query("SELECT pg_sleep(20)").execute(&mut connection);
    let vanish = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.vanish().await;
    };
    let error = must_fail(tokio::join!(query, vanish).0);
    assert!(matches!(error, sqlx::Error::Io(_)), "{error:?}");
    assert_mentions(&error, "Eof");
    Ok(())
}
