//! Lines with no more points than the eye can tell apart.

/// Largest distance between a line and its thinned copy, in points of the picture.
const TOLERANCE: f64 = 0.06;

/// A line without the points that lie within the tolerance of the rest (Douglas & Peucker 1973, doi:10.3138/FM57-6770-U75U-7727).
pub(super) fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[last] = true;
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let farthest = (from + 1..to)
            .map(|i| (i, distance(points[i], points[from], points[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((i, far)) = farthest
            && far > TOLERANCE
        {
            keep[i] = true;
            open.push((from, i));
            open.push((i, to));
        }
    }
    points
        .iter()
        .zip(keep)
        .filter(|(_, keep)| *keep)
        .map(|(point, _)| *point)
        .collect()
}

/// Distance of a point from the stretch between two others.
fn distance(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    let along = if square > 0.0 {
        (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_stretches_lose_their_points_and_corners_stay() {
        let line: Vec<(f64, f64)> = (0..=100)
            .map(|i| (f64::from(i), f64::from(i32::abs(i - 50))))
            .collect();
        assert_eq!(thinned(&line), [(0.0, 50.0), (50.0, 0.0), (100.0, 50.0)]);
    }

    #[test]
    fn no_point_of_a_curve_is_further_away_than_the_tolerance() {
        let curve: Vec<(f64, f64)> = (0..=240)
            .map(|i| (f64::from(i), 60.0 * (f64::from(i) * 0.05).sin()))
            .collect();
        let thin = thinned(&curve);
        assert!(thin.len() < 120, "{}", thin.len());
        for p in &curve {
            let near = thin
                .windows(2)
                .map(|w| distance(*p, w[0], w[1]))
                .fold(f64::INFINITY, f64::min);
            assert!(near <= TOLERANCE + 1e-12, "{p:?}: {near}");
        }
    }
}
