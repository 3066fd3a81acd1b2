//! The curves of edges: where they leave and reach the boxes, how they bend, where their counts stand.
use super::{
    graph::{Graph, counted, size},
    order::Order,
    place::{Frame, Placement},
};

/// Ends of edges at a box keep this distance along its frame.
const BETWEEN_PORTS: f64 = 13.0;
/// The tip of an edge keeps this distance from the box.
const CLEAR: f64 = 2.0;
/// Counts keep this distance from each other.
const BETWEEN_COUNTS: f64 = 17.0;

pub type Point = (f64, f64);

/// A cubic curve from the frame of one box to the head at another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// start, two control points, where the head begins
    pub curve: [Point; 4],
    /// the tip of the head
    pub tip: Point,
    /// width of the line
    pub width: f64,
    /// where a count may stand
    pub count: Point,
}

/// An end of an edge at a frame: position along it from the point that faces the centre, clockwise.
struct Port {
    edge: usize,
    arrives: bool,
    along: f64,
}

/// Width of a line that stands for this sum of elasticities.
pub fn line_width(size: f64) -> f64 {
    (1.1 + 3.4 * size.sqrt()).min(8.0)
}

/// Length of the head of a line.
pub fn head(width: f64) -> f64 {
    6.0 + 1.3 * width
}

/// One curve a bundle, in their order.
pub fn edges(graph: &Graph, order: &Order, placement: &Placement) -> Vec<Edge> {
    let mut ends = vec![[((0.0, 0.0), (0.0, 0.0)); 2]; graph.bundles.len()];
    for (node, frame) in placement.boxes.iter().enumerate() {
        for port in ports(graph, order, placement, node) {
            let facing = facing(frame, placement.centre);
            let place = point(frame, facing + port.along);
            let bundle = &graph.bundles[port.edge];
            let beside = order.distance(bundle.from, bundle.to) < 2;
            let direction = match beside {
                true => place.1,
                false => inwards(place, placement.centre),
            };
            ends[port.edge][usize::from(port.arrives)] = (place.0, direction);
        }
    }
    let mut edges: Vec<Edge> = Vec::new();
    for (bundle, [(start, leaving), (end, facing)]) in graph.bundles.iter().zip(ends) {
        let width = line_width(size(&bundle.couplings));
        let tip = (end.0 + CLEAR * facing.0, end.1 + CLEAR * facing.1);
        let distance = ((tip.0 - start.0).powi(2) + (tip.1 - start.1).powi(2)).sqrt();
        let reach = (0.36 * distance).clamp(14.0, 170.0);
        let first = (start.0 + reach * leaving.0, start.1 + reach * leaving.1);
        let second = (tip.0 + reach * facing.0, tip.1 + reach * facing.1);
        let back = head(width);
        let base = (tip.0 + back * facing.0, tip.1 + back * facing.1);
        edges.push(Edge {
            curve: [start, first, second, base],
            tip,
            width,
            count: (0.0, 0.0),
        });
    }
    place_counts(graph, placement, &mut edges);
    edges
}

/// A direction between outwards from a frame and towards the centre of the ellipse, so that edges do not pass below other boxes.
fn inwards((place, outwards): (Point, Point), centre: Point) -> Point {
    let (dx, dy) = (centre.0 - place.0, centre.1 - place.1);
    let far = (dx * dx + dy * dy).sqrt().max(1e-9);
    let (x, y) = (outwards.0 + dx / far, outwards.1 + dy / far);
    let length = (x * x + y * y).sqrt();
    match length > 0.3 {
        true => (x / length, y / length),
        false => outwards,
    }
}

/// The ends of all edges of a node, in an order without twists, apart from each other.
fn ports(graph: &Graph, order: &Order, placement: &Placement, node: usize) -> Vec<Port> {
    let frame = &placement.boxes[node];
    let towards = facing(frame, placement.centre);
    let around = 2.0 * (frame.width + frame.height);
    let mut ports = Vec::new();
    for (edge, bundle) in graph.bundles.iter().enumerate() {
        let (other, arrives) = match node {
            n if n == bundle.from => (bundle.to, false),
            n if n == bundle.to => (bundle.from, true),
            _ => continue,
        };
        let inner = match order.distance(node, other) {
            0 | 1 => 0.1,
            2 => 0.55,
            3 => 0.4,
            _ => 0.25,
        };
        let other = &placement.boxes[other];
        let aim = (
            (1.0 - inner) * other.x + inner * placement.centre.0,
            (1.0 - inner) * other.y + inner * placement.centre.1,
        );
        let mut along = facing(frame, aim) - towards;
        along -= around * (along / around).round();
        ports.push(Port {
            edge,
            arrives,
            along,
        });
    }
    // of the two edges of a pair, the one that leaves lies to one side at both ends, so that they do not cross
    let key = |port: &Port| (port.along, port.arrives, port.edge);
    ports.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)))
    });
    let between = BETWEEN_PORTS.min(0.8 * around / ports.len().max(1) as f64);
    apart(&mut ports, between);
    ports
}

/// Moves ports apart as little as possible: isotonic regression of the positions less their numbers' distances.
fn apart(ports: &mut [Port], between: f64) {
    // blocks of (sum, count)
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (number, port) in ports.iter().enumerate() {
        blocks.push((port.along - between * number as f64, 1));
        while let [.., before, last] = blocks[..]
            && before.0 / before.1 as f64 > last.0 / last.1 as f64
        {
            blocks.pop();
            blocks.pop();
            blocks.push((before.0 + last.0, before.1 + last.1));
        }
    }
    let means = blocks
        .iter()
        .flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
    for (number, (port, mean)) in ports.iter_mut().zip(means).enumerate() {
        port.along = mean + between * number as f64;
    }
}

/// Where the line from the centre of a frame to a point crosses it: length along the frame, clockwise from its upper left corner.
fn facing(frame: &Frame, to: Point) -> f64 {
    let (dx, dy) = (to.0 - frame.x, to.1 - frame.y);
    let (w, h) = (frame.width, frame.height);
    if dx == 0.0 && dy == 0.0 {
        return w / 2.0;
    }
    let scale = (0.5 * w / dx.abs()).min(0.5 * h / dy.abs());
    let (x, y) = (w / 2.0 + scale * dx, h / 2.0 + scale * dy);
    match dy.abs() * w >= dx.abs() * h {
        true if dy < 0.0 => x,
        true => w + h + (w - x),
        false if dx > 0.0 => w + y,
        false => 2.0 * w + h + (h - y),
    }
}

/// The point at a length along a frame, and the direction outwards.
fn point(frame: &Frame, along: f64) -> (Point, Point) {
    let (w, h) = (frame.width, frame.height);
    let along = along.rem_euclid(2.0 * (w + h));
    let (left, up) = (frame.left(), frame.up());
    match along {
        s if s < w => ((left + s, up), (0.0, -1.0)),
        s if s < w + h => ((frame.right(), up + s - w), (1.0, 0.0)),
        s if s < 2.0 * w + h => ((frame.right() - (s - w - h), frame.down()), (0.0, 1.0)),
        s => ((left, frame.down() - (s - 2.0 * w - h)), (-1.0, 0.0)),
    }
}

/// A point of a cubic curve.
fn at(curve: &[Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
    let sum = |part: fn(&Point) -> f64| -> f64 {
        curve.iter().zip(weights).map(|(p, w)| part(p) * w).sum()
    };
    (sum(|p| p.0), sum(|p| p.1))
}

/// Places for counts that keep away from each other, from boxes and from other edges' lines where there is room.
fn place_counts(graph: &Graph, placement: &Placement, edges: &mut [Edge]) {
    let mut taken: Vec<Point> = Vec::new();
    let samples: Vec<Vec<Point>> = (edges.iter())
        .map(|edge| (0..=40).map(|k| at(&edge.curve, k as f64 / 40.0)).collect())
        .collect();
    for number in 0..edges.len() {
        if counted(&graph.bundles[number].couplings) < 2 {
            continue;
        }
        let away =
            |from: &Point, p: Point| ((from.0 - p.0).powi(2) + (from.1 - p.1).powi(2)).sqrt();
        let crowding = |p: Point| {
            let counts = taken.iter().map(|q| away(q, p)).fold(1e9, f64::min);
            let others = samples.iter().enumerate().filter(|(i, _)| *i != number);
            let lines = others.flat_map(|(_, line)| line.iter());
            let lines = lines.map(|q| away(q, p)).fold(1e9, f64::min);
            let inside = placement.boxes.iter().any(|b| {
                (p.0 - b.x).abs() < b.width / 2.0 + 9.0 && (p.1 - b.y).abs() < b.height / 2.0 + 9.0
            });
            let near = (BETWEEN_COUNTS - counts).max(0.0);
            let crossed = (11.0 - lines).max(0.0);
            20.0 * near + crossed + if inside { 1e3 } else { 0.0 }
        };
        let tries = (0..=22).map(|k| {
            let side = if k % 2 == 0 { 1.0 } else { -1.0 };
            at(&edges[number].curve, 0.6 + side * 0.015 * k as f64)
        });
        let best = tries.min_by(|a, b| crowding(*a).total_cmp(&crowding(*b)));
        if let Some(best) = best {
            edges[number].count = best;
            taken.push(best);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_keep_their_distance_and_order() {
        let port = |along| Port {
            edge: 0,
            arrives: false,
            along,
        };
        let mut ports = [port(0.0), port(1.0), port(2.0), port(50.0)];
        apart(&mut ports, 10.0);
        for pair in ports.windows(2) {
            assert!(pair[1].along - pair[0].along > 9.999);
        }
        assert!((ports[1].along - 1.0).abs() < 1e-9, "the middle stays");
        assert_eq!(ports[3].along, 50.0);
    }
}
