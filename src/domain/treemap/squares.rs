//! Rectangles in the cells of a terminal, as large as their weights, and as square as that allows.
//!
//! The way is that of Bruls, Huizing and van Wijk (Squarified Treemaps, 2000): the largest are laid along the shorter
//! side of what is left, as many side by side as makes them squarer, then the others in what is left of it.

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Square {
    /// The first column.
    pub x: u16,
    /// The first line.
    pub y: u16,
    /// Columns; 0 where there is no room for it.
    pub width: u16,
    /// Lines; 0 where there is no room for it.
    pub height: u16,
}

impl Square {
    /// Whether there is no room for it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// A cell is about twice as high as it is wide.
const CELL: f64 = 2.0;

/// What is left of the area, in units of a cell's width.
#[derive(Clone, Copy)]
struct Left {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Lays weights out, which have to come largest first, over an area of so many columns and lines. Together they fill it;
/// none lies over another.
#[must_use]
pub fn squares(weights: &[u64], width: u16, height: u16) -> Vec<Square> {
    let mut left = Left {
        x: 0.0,
        y: 0.0,
        width: f64::from(width),
        height: f64::from(height) * CELL,
    };
    let mut all = Vec::with_capacity(weights.len());
    let mut weights = weights;
    let mut total: f64 = weights.iter().copied().map(number).sum();
    while !weights.is_empty() && total > 0.0 {
        let scale = left.width * left.height / total;
        let row = row_of(weights, left.width.min(left.height), scale);
        let (now, later) = weights.split_at(row);
        let sum: f64 = now.iter().copied().map(number).sum();
        left = lay(now, sum, scale, left, &mut all);
        weights = later;
        total -= sum;
    }
    all.resize(all.len() + weights.len(), Square::default());
    all
}

/// How many weights lie side by side along a side: as many as make the least square of them squarer.
fn row_of(weights: &[u64], side: f64, scale: f64) -> usize {
    let mut sum = 0.0;
    let mut worst = f64::INFINITY;
    let largest = weights.first().copied().map_or(0.0, number) * scale;
    for (count, weight) in weights.iter().enumerate() {
        let area = number(*weight) * scale;
        sum += area;
        // Of the largest and the smallest one is the least square.
        let square = |area: f64| {
            let ratio = side * side * area / (sum * sum);
            ratio.max(1.0 / ratio)
        };
        let now = square(largest).max(square(area));
        if now > worst {
            return count;
        }
        worst = now;
    }
    weights.len()
}

/// Lays weights side by side; gives what is left.
fn lay(weights: &[u64], sum: f64, scale: f64, left: Left, all: &mut Vec<Square>) -> Left {
    let is_wide = left.width >= left.height;
    let side = if is_wide { left.height } else { left.width };
    let depth = if side > 0.0 { sum * scale / side } else { 0.0 };
    let mut before = 0.0;
    for weight in weights {
        let length = number(*weight) / sum * side;
        let (x, y, width, height) = if is_wide {
            (left.x, left.y + before, depth, length)
        } else {
            (left.x + before, left.y, length, depth)
        };
        all.push(in_cells(x, y, width, height));
        before += length;
    }
    if is_wide {
        Left {
            x: left.x + depth,
            width: left.width - depth,
            ..left
        }
    } else {
        Left {
            y: left.y + depth,
            height: left.height - depth,
            ..left
        }
    }
}

/// Neighbours share an edge, and an edge is rounded the same way for both.
fn in_cells(x: f64, y: f64, width: f64, height: f64) -> Square {
    let (left, right) = (cell(x), cell(x + width));
    let (top, bottom) = (cell(y / CELL), cell((y + height) / CELL));
    Square {
        x: left,
        y: top,
        width: right.saturating_sub(left),
        height: bottom.saturating_sub(top),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an edge lies within an area of so many cells"
)]
fn cell(edge: f64) -> u16 {
    edge.round().clamp(0.0, f64::from(u16::MAX)) as u16
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes are drawn in a few thousand cells"
)]
fn number(weight: u64) -> f64 {
    weight as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_cell_is_covered_once(
            mut weights in prop::collection::vec(1u64..1 << 40, 1..60),
            width in 1u16..200,
            height in 1u16..60,
        ) {
            weights.sort_unstable_by_key(|weight| std::cmp::Reverse(*weight));
            let all = squares(&weights, width, height);
            prop_assert_eq!(all.len(), weights.len());
            let mut covered = vec![0; usize::from(width) * usize::from(height)];
            for square in all.iter().filter(|square| !square.is_empty()) {
                prop_assert!(square.x + square.width <= width && square.y + square.height <= height);
                for y in square.y..square.y + square.height {
                    for x in square.x..square.x + square.width {
                        covered[usize::from(y) * usize::from(width) + usize::from(x)] += 1;
                    }
                }
            }
            prop_assert!(covered.iter().all(|times| *times == 1), "{covered:?}");
        }
    }

    #[test]
    fn areas_are_as_the_weights_and_as_square_as_may_be() {
        // The example of the paper, in cells that are twice as high as wide.
        let all = squares(&[6, 6, 4, 3, 2, 2, 1], 60, 20);
        for (square, wanted) in all.iter().zip([300, 300, 200, 150, 100, 100, 50]) {
            let area = square.width * square.height;
            // Edges lie between cells: a part gains or loses a line or column of what is next to it.
            let edges = square.width.max(square.height);
            assert!(area.abs_diff(wanted) <= edges, "{square:?}, not {wanted}");
        }
        let first = all[0];
        assert_eq!((first.width, first.height), (30, 10));
    }

    #[test]
    fn nothing_has_no_room() {
        assert_eq!(squares(&[], 10, 10), []);
        assert!(squares(&[1], 0, 10)[0].is_empty());
        assert!(squares(&[0], 10, 10)[0].is_empty());
    }
}
