//! SVGs of what `ci/bench_wasi.sh` has measured, one line for each stack.
//!
//! Both axes are linear and start at zero. The type is large and the labels are few, so
//! that the pictures can be read at the width of a phone.

use std::collections::BTreeMap;
use std::error::Error;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::report::{median, Line};

/// Size of the picture in pixels.
const SIZE: (u32, u32) = (720, 560);

/// Sizes of the type and the width of a line in pixels.
const TITLE: i32 = 30;
const LABEL: i32 = 26;
const STROKE: u32 = 4;

/// Name of a stack in the figures and in the picture, and its color.
const STACKS: [(&str, &str, RGBColor); 3] = [
    ("raw", "host functions, no runtime", RGBColor(95, 95, 95)),
    ("ours", "tokio on this mio_wasi", RGBColor(10, 125, 52)),
    (
        "published",
        "tokio on mio_wasi 0.8.9",
        RGBColor(192, 57, 43),
    ),
];

/// A line: number of idle connections and median rate.
type Points = Vec<(f64, f64)>;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What a picture shows.
pub struct Picture {
    /// The case of its lines.
    case: &'static str,
    /// The two lines of its title.
    title: [&'static str; 2],
    /// What its horizontal axis counts.
    x_title: &'static str,
    /// The place of a line in it.
    point: fn(&Line) -> (usize, f64),
    /// The corner that has space for the legend.
    legend: SeriesLabelPosition,
}

/// Round trips per second beside idle connections.
pub const RATES: Picture = Picture {
    case: "idle",
    title: ["Echo in WasmEdge (interpreter),", "round trips per second"],
    x_title: "idle connections beside 32 busy ones",
    point: |line| (line.idle, line.values[0]),
    legend: SeriesLabelPosition::UpperRight,
};

/// Latency of cold connections by the number of registered ones.
pub const COLD: Picture = Picture {
    case: "cold100",
    title: [
        "Echo of an idle connection, 32 busy:",
        "milliseconds, 99th percentile",
    ],
    x_title: "registered sockets",
    // The listener is one of them.
    point: |line| (line.busy + line.idle + 1, line.values[4] / 1000.0),
    legend: SeriesLabelPosition::UpperLeft,
};

impl Picture {
    /// Is any line of this case?
    pub fn has_lines(&self, lines: &[Line]) -> bool {
        lines.iter().any(|line| self.is_shown(line))
    }

    /// The picture of all lines of its case.
    pub fn svg(&self, lines: &[Line]) -> Result<String, Box<dyn Error>> {
        let stacks = STACKS.map(|(name, ..)| self.points(lines, name));
        let all = || stacks.iter().flatten();
        let right = all().fold(1.0, |most: f64, point| most.max(point.0));
        let top = all().fold(0.0, |most: f64, point| most.max(point.1));

        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            area.fill(&WHITE)?;
            let area = area
                .margin(12, 0, 0, 0)
                .titled(self.title[0], ("sans-serif", TITLE))?
                .titled(self.title[1], ("sans-serif", TITLE))?;
            // Margins above the highest value, and right of the last label's middle.
            let mut chart = ChartBuilder::on(&area)
                .margin(16)
                .margin_right(56)
                .x_label_area_size(80)
                .y_label_area_size(116)
                .build_cartesian_2d(0.0..right, 0.0..top * 1.08)?;
            draw_axes(&mut chart, self.x_title)?;
            for ((_, title, color), points) in STACKS.iter().zip(stacks) {
                if !points.is_empty() {
                    draw_stack(&mut chart, title, *color, points)?;
                }
            }
            chart
                .configure_series_labels()
                .position(self.legend.clone())
                .label_font(("sans-serif", LABEL))
                .background_style(WHITE)
                .draw()?;
            area.present()?;
        }
        Ok(svg)
    }

    /// Is it a line of this picture?
    fn is_shown(&self, line: &Line) -> bool {
        line.case == self.case && line.mode == "interpreter"
    }

    /// The medians of a stack, by their place on the horizontal axis.
    fn points(&self, lines: &[Line], stack: &str) -> Points {
        let mut values: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for line in lines.iter().filter(|line| self.is_shown(line)) {
            if line.stack == stack {
                let (x, y) = (self.point)(line);
                values.entry(x).or_default().push(y);
            }
        }
        values
            .iter()
            .map(|(x, values)| (*x as f64, median(values)))
            .collect()
    }
}

/// Draws the axes, their labels and the horizontal lines of the grid.
fn draw_axes(chart: &mut Chart<'_, '_>, x_title: &str) -> Result<(), Box<dyn Error>> {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(3)
        .y_labels(4)
        .max_light_lines(0)
        .bold_line_style(RGBColor(221, 221, 221))
        .label_style(("sans-serif", LABEL))
        .axis_desc_style(("sans-serif", LABEL))
        .x_desc(x_title)
        .x_label_formatter(&|value| grouped(*value))
        .y_label_formatter(&|value| grouped(*value))
        .draw()?;
    Ok(())
}

/// Draws one line with its measured points and its entry in the legend.
fn draw_stack(
    chart: &mut Chart<'_, '_>,
    title: &str,
    color: RGBColor,
    points: Points,
) -> Result<(), Box<dyn Error>> {
    let style = color.stroke_width(STROKE);
    let dots: Vec<_> = points
        .iter()
        .map(|point| Circle::new(*point, STROKE + 2, color.filled()))
        .collect();
    chart
        .draw_series(LineSeries::new(points, style))?
        .label(title)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
    chart.draw_series(dots)?;
    Ok(())
}

/// A whole number with a comma between thousands.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
