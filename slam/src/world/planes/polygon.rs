//! Convex outlines in a plane.
//!
//! Hulls are made with their corners counterclockwise in the coordinates they are given in; queries take either turn.

use nalgebra::Vector2;

/// The convex hull by Andrew's monotone chain (Andrew 1979); empty for fewer than three points that span an area.
pub(crate) fn convex_hull(points: &mut [Vector2<f64>], hull: &mut Vec<Vector2<f64>>) {
    hull.clear();
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    for pass in 0..2 {
        let start = hull.len();
        for step in 0..points.len() {
            let point = match pass {
                0 => points[step],
                _ => points[points.len() - 1 - step],
            };
            while let [.., before, last] = &hull[start..]
                && turn(before, last, &point) <= 0.0
            {
                hull.pop();
            }
            hull.push(point);
        }
        hull.pop();
    }
    if hull.len() < 3 {
        hull.clear();
    }
}

/// Its area; positive when its corners run counterclockwise.
pub(crate) fn area(polygon: &[Vector2<f64>]) -> f64 {
    0.5 * edges(polygon).map(|(a, b)| a.perp(&b)).sum::<f64>()
}

/// The middle of its area; none for an area of nothing.
pub(crate) fn middle(polygon: &[Vector2<f64>]) -> Option<Vector2<f64>> {
    let first = *polygon.first()?;
    let (mut doubled, mut sum) = (0.0, Vector2::zeros());
    for (a, b) in edges(polygon) {
        let (a, b) = (a - first, b - first);
        let cross = a.perp(&b);
        doubled += cross;
        sum += cross * (a + b);
    }
    (doubled.abs() > f64::MIN_POSITIVE).then(|| first + sum / (3.0 * doubled))
}

/// How far a point is outside of a convex polygon; negative inside: the distance to the nearest edge. Infinite for no
/// polygon.
pub(crate) fn distance_outside(polygon: &[Vector2<f64>], point: &Vector2<f64>) -> f64 {
    if polygon.len() < 3 {
        return f64::INFINITY;
    }
    let side = area(polygon).signum();
    let mut inside = f64::NEG_INFINITY;
    let mut squared = f64::INFINITY;
    for (a, b) in edges(polygon) {
        let along = b - a;
        let arm = point - a;
        let length = along.norm();
        if length <= 0.0 {
            continue;
        }
        // To the right of a counterclockwise edge is outside.
        inside = inside.max(-side * along.perp(&arm) / length);
        let at = (arm.dot(&along) / (length * length)).clamp(0.0, 1.0);
        squared = squared.min((arm - at * along).norm_squared());
    }
    if inside <= 0.0 {
        inside
    } else {
        squared.sqrt()
    }
}

fn edges(polygon: &[Vector2<f64>]) -> impl Iterator<Item = (Vector2<f64>, Vector2<f64>)> + '_ {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| (*a, *b))
}

fn turn(a: &Vector2<f64>, b: &Vector2<f64>, c: &Vector2<f64>) -> f64 {
    (b - a).perp(&(c - b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_of_a_square_with_dust_inside_is_the_square() {
        let mut points: Vec<_> = (0..25)
            .map(|k| Vector2::new(f64::from(k % 5), f64::from(k / 5)))
            .collect();
        let mut hull = Vec::new();
        convex_hull(&mut points, &mut hull);
        assert_eq!(hull.len(), 4, "{hull:?}");
        assert_eq!(area(&hull), 16.0);
        assert_eq!(middle(&hull), Some(Vector2::new(2.0, 2.0)));
        assert_eq!(distance_outside(&hull, &Vector2::new(1.0, 2.0)), -1.0);
        assert_eq!(distance_outside(&hull, &Vector2::new(7.0, 8.0)), 5.0);
    }

    #[test]
    fn points_on_a_line_have_no_hull() {
        let mut points: Vec<_> = (0..9).map(|k| Vector2::repeat(f64::from(k))).collect();
        let mut hull = vec![Vector2::zeros()];
        convex_hull(&mut points, &mut hull);
        assert!(hull.is_empty());
    }
}
