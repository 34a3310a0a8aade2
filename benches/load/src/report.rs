//! Medians, spread and ratios of many lines `case,mode,stack,round,` followed by
//! what a run prints.

use std::collections::BTreeMap;
use std::error::Error;

/// One run.
pub struct Line {
    pub case: String,
    pub mode: String,
    pub stack: String,
    pub round: usize,
    pub busy: usize,
    pub idle: usize,
    /// rate, p50, p99, cold50, cold99
    pub values: [f64; 5],
}

/// What is compared: case, mode, busy, idle.
type Case = (String, String, usize, usize);

/// The stacks that ratios are given of, each with what it is compared to.
const PAIRS: [(&str, &str); 6] = [
    ("ours", "published"),
    ("ours", "upstream"),
    ("before", "upstream"),
    ("poll", "raw"),
    ("ours", "before"),
    ("poll", "poll-before"),
];

/// Reads what `ci/bench_wasi.sh` has collected.
pub fn read(path: &str) -> Result<Vec<Line>, Box<dyn Error>> {
    let mut lines = Vec::new();
    for text in std::fs::read_to_string(path)?.lines().skip(1) {
        let fields: Vec<&str> = text.split(',').collect();
        let [case, mode, stack, round, busy, idle, rest @ ..] = &fields[..] else {
            return Err(format!("not a line of a measurement: {text}").into());
        };
        let values: Vec<f64> = rest
            .iter()
            .map(|one| one.parse())
            .collect::<Result<_, _>>()?;
        lines.push(Line {
            case: case.to_string(),
            mode: mode.to_string(),
            stack: stack.to_string(),
            round: round.parse()?,
            busy: busy.parse()?,
            idle: idle.parse()?,
            values: values.try_into().map_err(|_| "five values expected")?,
        });
    }
    Ok(lines)
}

/// The value in the middle; NaN for none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|one| !one.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[length / 2],
        length => (sorted[length / 2 - 1] + sorted[length / 2]) / 2.0,
    }
}

/// The smallest and the largest value.
fn spread(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (least, most)
}

/// The lines of each case by their stack.
type Cases<'a> = BTreeMap<Case, BTreeMap<&'a str, Vec<&'a Line>>>;

/// Prints the tables.
pub fn print(lines: &[Line]) {
    let mut cases = Cases::new();
    for line in lines {
        let case = (line.case.clone(), line.mode.clone(), line.busy, line.idle);
        let stacks = cases.entry(case).or_default();
        stacks.entry(&line.stack).or_default().push(line);
    }
    print_rates(&cases);
    println!("\nratios of the rates, each of one round: median (least..most)");
    print_ratios(&cases);
    if cases.keys().any(|(_, mode, ..)| mode == "native") {
        println!(
            "\nrates against upstream's mio natively, each of one round: median (least..most)"
        );
        print_shares_of_native(&cases);
    }
    println!("\nidle connections against none, rates of one stack");
    print_shares(&cases);
}

/// Rates and times.
fn print_rates(cases: &Cases<'_>) {
    println!(
        "{:<10} {:<11} {:>4} {:>6}  {:<11} {:>9} {:>21} {:>9} {:>9} {:>9}  rounds",
        "case",
        "mode",
        "busy",
        "idle",
        "stack",
        "a second",
        "least..most",
        "p50 us",
        "p99 us",
        "cold p99"
    );
    for ((case, mode, busy, idle), stacks) in cases {
        for (stack, runs) in stacks {
            let all = |at: usize| -> Vec<f64> { runs.iter().map(|run| run.values[at]).collect() };
            let (least, most) = spread(&all(0));
            println!(
                "{case:<10} {mode:<11} {busy:>4} {idle:>6}  {stack:<11} {:>9.0} {:>21} {:>9.0} {:>9.0} {:>9.0}  {}",
                median(&all(0)),
                format!("{least:.0}..{most:.0}"),
                median(&all(1)),
                median(&all(2)),
                median(&all(4)),
                runs.len(),
            );
        }
    }
}

/// One stack against another.
fn print_ratios(cases: &Cases<'_>) {
    for ((case, mode, busy, idle), stacks) in cases {
        for (above, below) in PAIRS {
            let ratios = ratios(stacks, above, below);
            if !ratios.is_empty() {
                let (least, most) = spread(&ratios);
                let middle = median(&ratios);
                println!(
                    "{case:<10} {mode:<11} {busy:>4} {idle:>6}  {above}/{below} {middle:.2} ({least:.2}..{most:.2})"
                );
            }
        }
    }
}

/// What each stack and mode has of the rate of upstream's mio natively.
fn print_shares_of_native(cases: &Cases<'_>) {
    for ((case, mode, busy, idle), stacks) in cases {
        let native = (case.clone(), "native".to_string(), *busy, *idle);
        let Some(native) = cases.get(&native).and_then(|native| native.get("upstream")) else {
            continue;
        };
        for (stack, runs) in stacks {
            let shares = ratios(
                &BTreeMap::from([("above", runs.clone()), ("below", native.clone())]),
                "above",
                "below",
            );
            let (least, most) = spread(&shares);
            let middle = median(&shares);
            println!("{case:<10} {mode:<11} {busy:>4} {idle:>6}  {stack} {middle:.2} ({least:.2}..{most:.2})");
        }
    }
}

/// What is left of a stack's rate beside idle connections.
fn print_shares(cases: &Cases<'_>) {
    for ((case, mode, busy, idle), stacks) in cases {
        let none = cases.get(&(case.clone(), mode.clone(), *busy, 0));
        for (stack, runs) in stacks {
            let Some(base) = none.and_then(|none| none.get(stack)) else {
                continue;
            };
            if *idle > 0 {
                let rate = |runs: &[&Line]| {
                    median(&runs.iter().map(|run| run.values[0]).collect::<Vec<_>>())
                };
                let ratio = rate(runs) / rate(base);
                println!("{case:<10} {mode:<11} {busy:>4} {idle:>6}  {stack} {ratio:.2}");
            }
        }
    }
}

/// The rates of two stacks, divided round by round.
fn ratios(stacks: &BTreeMap<&str, Vec<&Line>>, above: &str, below: &str) -> Vec<f64> {
    let (Some(above), Some(below)) = (stacks.get(above), stacks.get(below)) else {
        return Vec::new();
    };
    above
        .iter()
        .filter_map(|one| {
            let other = below.iter().find(|other| other.round == one.round)?;
            Some(one.values[0] / other.values[0])
        })
        .collect()
}
