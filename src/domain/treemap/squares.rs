//! Lays out rectangles in terminal cells, with areas proportional to their weights and as square as possible.
//!
//! The algorithm is that of Bruls, Huizing and van Wijk (Squarified Treemaps, 2000). The largest weights are placed
//! along the shorter side of the free area, as many as make the rectangles squarer. The others go into the rest in the
//! same way.

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Square {
    /// The first column.
    pub x: u16,
    /// The first line.
    pub y: u16,
    /// Columns; 0 if there is no room.
    pub width: u16,
    /// Lines; 0 if there is no room.
    pub height: u16,
}

impl Square {
    /// Whether it has no area.
    #[must_use]
    pub(crate) fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// The height of a cell divided by its width.
const CELL: f64 = 2.0;

/// Lays out weights, largest first, in an area. The rectangles fill the area and do not overlap.
#[must_use]
pub(crate) fn squares(weights: &[u64], width: u16, height: u16) -> Vec<Square> {
    let mut left = Square {
        x: 0,
        y: 0,
        width,
        height,
    };
    let mut all = Vec::with_capacity(weights.len());
    let mut rest = weights;
    while !rest.is_empty() && !left.is_empty() {
        let total = sum(rest);
        if total <= 0.0 {
            break;
        }
        let (across, down) = (f64::from(left.width), f64::from(left.height) * CELL);
        let row = row_of(rest, across.min(down), across * down / total);
        let (now, later) = rest.split_at(row);
        // The rounding error is carried over to the rest.
        let share = if later.is_empty() {
            1.0
        } else {
            sum(now) / total
        };
        left = lay(now, share, left, across >= down, &mut all);
        rest = later;
    }
    all.resize(weights.len(), Square::default());
    all
}

/// The number of weights to place along a side: as many as improve the least square of them.
fn row_of(weights: &[u64], side: f64, scale: f64) -> usize {
    let mut sum = 0.0;
    let mut worst = f64::INFINITY;
    let largest = weights.first().copied().map_or(0.0, number) * scale;
    for (count, weight) in weights.iter().enumerate() {
        let area = number(*weight) * scale;
        sum += area;
        let square = |area: f64| {
            let ratio = side * side * area / (sum * sum);
            ratio.max(1.0 / ratio)
        };
        // The least square is either the largest or the smallest.
        let now = square(largest).max(square(area));
        if now > worst {
            return count;
        }
        worst = now;
    }
    weights.len()
}

/// Places weights along a share of the free area in whole cells; returns the rest of the area.
fn lay(weights: &[u64], share: f64, left: Square, is_wide: bool, all: &mut Vec<Square>) -> Square {
    let (deep, long) = if is_wide {
        (left.width, left.height)
    } else {
        (left.height, left.width)
    };
    let depth = cell(share * f64::from(deep)).min(deep);
    let total = sum(weights);
    let mut before = 0.0;
    let mut from = 0;
    for (number_of, weight) in (1..).zip(weights) {
        before += number(*weight);
        let to = if number_of == weights.len() {
            long
        } else {
            cell(before / total * f64::from(long)).clamp(from, long)
        };
        all.push(if is_wide {
            Square {
                y: left.y + from,
                height: to - from,
                width: depth,
                ..left
            }
        } else {
            Square {
                x: left.x + from,
                width: to - from,
                height: depth,
                ..left
            }
        });
        from = to;
    }
    if is_wide {
        Square {
            x: left.x + depth,
            width: left.width - depth,
            ..left
        }
    } else {
        Square {
            y: left.y + depth,
            height: left.height - depth,
            ..left
        }
    }
}

fn sum(weights: &[u64]) -> f64 {
    weights.iter().copied().map(number).sum()
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
            // Edges are rounded to cells, so a rectangle gains or loses a line or column.
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
