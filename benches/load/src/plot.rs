//! An SVG of round trips a second against the number of idle connections, one line
//! for each stack.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::report::{median, Line};

/// Size of the picture, and of what surrounds the two axes.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 200.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// How the stacks are shown: name in the figures, in the picture, and color.
const STACKS: [(&str, &str, &str); 4] = [
    ("ours", "tokio on this mio_wasi", "#0a7d34"),
    ("published", "tokio on mio_wasi 0.8.9", "#c0392b"),
    ("poll", "`Poll` alone", "#1f5fbf"),
    ("raw", "host functions alone", "#777777"),
];

/// The picture of all lines of the case `idle`.
pub fn svg(lines: &[Line]) -> String {
    let mut points: BTreeMap<&str, BTreeMap<usize, Vec<f64>>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.case == "idle") {
        let stack = points.entry(&line.stack).or_default();
        stack.entry(line.idle).or_default().push(line.values[0]);
    }
    let idle: BTreeSet<usize> = points
        .values()
        .flat_map(|stack| stack.keys().copied())
        .collect();
    let rates: Vec<f64> = points
        .values()
        .flat_map(|stack| stack.values().map(|rates| median(rates)))
        .collect();
    let axes = Axes {
        idle: idle.into_iter().collect(),
        grid: grid(&rates),
    };

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"14\">Echo on 32 connections in WasmEdge \
         (interpreter): round trips a second, logarithmic</text>\n"
    );
    axes.draw(&mut svg);
    let mut labels = Vec::new();
    for (name, title, color) in STACKS {
        if let Some(stack) = points.get(name) {
            let end = axes.draw_stack(&mut svg, stack, color);
            labels.push((end, title, color));
        }
    }
    // From below upwards, so far apart that each can be read.
    labels.sort_by(|(left, ..), (right, ..)| right.total_cmp(left));
    let mut lowest = HEIGHT;
    for (end, title, color) in labels {
        lowest = end.min(lowest - 15.0);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{title}</text>",
            WIDTH - RIGHT + 8.0,
            lowest + 4.0,
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// The rates at which there are horizontal lines, 1, 2 and 5 with zeros, so that all of
/// these lie between the first and the last.
fn grid(rates: &[f64]) -> Vec<f64> {
    let lowest = rates.iter().copied().fold(f64::MAX, f64::min).max(1.0);
    let highest = rates.iter().copied().fold(lowest, f64::max);
    let decades = (0..9).map(|zeros| 10_f64.powi(zeros));
    let lines: Vec<f64> = decades
        .flat_map(|power| [1.0, 2.0, 5.0].map(|one| one * power))
        .collect();
    let first = lines.iter().rposition(|line| *line <= lowest).unwrap_or(0);
    let last = lines.iter().position(|line| *line >= highest);
    let last = last.unwrap_or(lines.len() - 1).max(first + 1);
    lines[first..=last].to_vec()
}

/// Where values stand in the picture.
struct Axes {
    /// The numbers of idle connections, at equal distances.
    idle: Vec<usize>,
    /// The rates of the horizontal lines, from the lower edge to the upper one. Their
    /// distances are those of the logarithms: what is twice as fast is as much higher
    /// everywhere.
    grid: Vec<f64>,
}

impl Axes {
    fn x(&self, idle: usize) -> f64 {
        let at = self.idle.iter().position(|one| *one == idle).unwrap_or(0) as f64;
        let gaps = self.idle.len().saturating_sub(1).max(1) as f64;
        LEFT + at / gaps * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, rate: f64) -> f64 {
        let (lowest, highest) = (self.grid[0], self.grid[self.grid.len() - 1]);
        let part = (rate / lowest).ln() / (highest / lowest).ln();
        HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)
    }

    fn draw(&self, svg: &mut String) {
        let right = WIDTH - RIGHT;
        for &rate in &self.grid {
            let y = self.y(rate);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{rate:.0}</text>",
                LEFT - 8.0,
                y + 4.0,
            );
        }
        for &idle in &self.idle {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{idle}</text>",
                self.x(idle),
                HEIGHT - BOTTOM + 18.0,
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">idle connections beside them</text>",
            (LEFT + right) / 2.0,
            HEIGHT - 10.0,
        );
    }

    /// Draws a line, and tells how high it ends.
    fn draw_stack(&self, svg: &mut String, stack: &BTreeMap<usize, Vec<f64>>, color: &str) -> f64 {
        let mut path = String::new();
        let mut end = HEIGHT - BOTTOM;
        for (idle, rates) in stack {
            let x = self.x(*idle);
            end = self.y(median(rates));
            let _ = write!(path, "{x:.1},{end:.1} ");
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{end:.1}\" r=\"3\" fill=\"{color}\"/>",
            );
        }
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            path.trim_end(),
        );
        end
    }
}
