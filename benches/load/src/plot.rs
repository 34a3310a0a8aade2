//! An SVG of round trips per second against the number of idle connections, one line
//! for each stack.
//!
//! Both axes are linear and start at zero. The type is large and the labels are few, so
//! that the picture can be read at the width of a phone.

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

/// The picture of all lines of the case `idle`.
pub fn svg(lines: &[Line]) -> Result<String, Box<dyn Error>> {
    let stacks = STACKS.map(|(name, ..)| points(lines, name));
    if stacks.iter().all(Vec::is_empty) {
        return Err("the file has no line of the case `idle`".into());
    }
    let all = || stacks.iter().flatten();
    let idle = all().fold(1.0, |most: f64, point| most.max(point.0));
    let rate = all().fold(1.0, |most: f64, point| most.max(point.1));

    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let area = area
            .margin(12, 0, 0, 0)
            .titled("Echo in WasmEdge (interpreter),", ("sans-serif", TITLE))?
            .titled("round trips per second", ("sans-serif", TITLE))?;
        // Margins above the highest value, and right of the last label's middle.
        let mut chart = ChartBuilder::on(&area)
            .margin(16)
            .margin_right(56)
            .x_label_area_size(80)
            .y_label_area_size(116)
            .build_cartesian_2d(0.0..idle, 0.0..rate * 1.08)?;
        draw_axes(&mut chart)?;
        for ((_, title, color), points) in STACKS.iter().zip(stacks) {
            draw_stack(&mut chart, title, *color, points)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .label_font(("sans-serif", LABEL))
            .background_style(WHITE)
            .draw()?;
        area.present()?;
    }
    Ok(svg)
}

/// The medians of a stack, by the number of idle connections.
fn points(lines: &[Line], stack: &str) -> Points {
    let mut rates: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for line in lines {
        if line.case == "idle" && line.stack == stack {
            rates.entry(line.idle).or_default().push(line.values[0]);
        }
    }
    rates
        .iter()
        .map(|(idle, rates)| (*idle as f64, median(rates)))
        .collect()
}

/// Draws the axes, their labels and the horizontal lines of the grid.
fn draw_axes(chart: &mut Chart<'_, '_>) -> Result<(), Box<dyn Error>> {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(3)
        .y_labels(4)
        .max_light_lines(0)
        .bold_line_style(RGBColor(221, 221, 221))
        .label_style(("sans-serif", LABEL))
        .axis_desc_style(("sans-serif", LABEL))
        .x_desc("idle connections beside 32 busy ones")
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
