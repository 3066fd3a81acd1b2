//! Draws boxes, edges, inputs and legend as SVG without scripts; what a pointer rests on stays, the rest fades.
use super::{
    Picture,
    edges::{Edge, edges},
    graph::{Bundle, Coupling, Graph, Sign, counted, is_open, sign, tooltip},
    legend::legend,
    line::{colour, line},
    matrix::matrix,
    order::order,
    place::{Frame, LINE, PAD, Placement, STATE, TAG, TAG_LINE, TITLE, place, tag_text, title},
};
use crate::report::{axes::short_number, model::escape};

const INK: &str = "#1a1d21";
const SOFT: &str = "#5b6470";

/// Width of pictures of modules, and of states.
const WIDE: f64 = 1080.0;
const NARROW: f64 = 760.0;
const SMALL: f64 = 560.0;
/// More lines between states cannot be followed: they become a matrix.
const DENSE: usize = 40;

/// The picture as SVG.
pub fn svg(picture: &Picture, label: &str) -> String {
    let graph = picture.graph();
    if matches!(picture, Picture::States(_)) && graph.bundles.len() > DENSE {
        return matrix(graph, label);
    }
    let (total, box_width) = match picture {
        Picture::Modules(_) => (WIDE, 152.0),
        Picture::States(_) if graph.nodes.len() < 5 => (SMALL, 84.0),
        Picture::States(_) => (NARROW, 84.0),
    };
    let order = order(graph);
    let placement = place(graph, &order, total, box_width);
    let edges = edges(graph, &order, &placement);
    let (legend, legend_height) = legend(picture, room(&placement));
    let (legend, top) = (legend, placement.height);
    let mut out = open(total, top + legend_height, label) + &style(graph.nodes.len());
    let mut painted: Vec<usize> = (0..edges.len()).collect();
    let layer = |number: &usize| match sign(&graph.bundles[*number].couplings) {
        Sign::Unsigned => 0,
        Sign::Weak => 1,
        _ => 2,
    };
    painted.sort_by_key(layer);
    for number in &painted {
        out += &edge(graph, &graph.bundles[*number], &edges[*number]);
    }
    for (number, frame) in placement.boxes.iter().enumerate() {
        out += &module(graph, number, frame);
    }
    for number in painted {
        out += &count(&graph.bundles[number], &edges[number]);
    }
    out += &format!("<g transform=\"translate(8 {top:.1})\">{legend}</g>\n");
    out + "</svg>\n"
}

/// The tag that opens a picture.
pub fn open(width: f64, height: f64, label: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"modules\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         role=\"img\" aria-label=\"modules and couplings of {}\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n",
        escape(label)
    )
}

/// Fades what does not touch the box or edge under the pointer; browsers that do not know `:has` show everything.
fn style(nodes: usize) -> String {
    let mut css = ".modules .edge,.modules .count{transition:opacity .15s}".to_owned();
    css += ".modules:has(.edge:hover) .edge:not(:hover){opacity:.15}";
    for n in 0..nodes {
        css +=
            &format!(".modules:has(.box.n{n}:hover) :is(.edge,.count):not(.n{n}){{opacity:.07}}");
    }
    format!("<style>{css}</style>\n")
}

fn edge(graph: &Graph, bundle: &Bundle, edge: &Edge) -> String {
    let title = format!(
        "{} → {}",
        graph.nodes[bundle.from].title, graph.nodes[bundle.to].title
    );
    let title = match bundle.couplings[..] {
        [ref only] if only.source == graph.nodes[bundle.from].title => effect(only),
        _ => tooltip(&title, &bundle.couplings),
    };
    format!(
        "<g class=\"edge n{} n{}\"><title>{}</title>{}</g>\n",
        bundle.from,
        bundle.to,
        escape(&title),
        line(edge, sign(&bundle.couplings), is_open(&bundle.couplings))
    )
}

/// What a state does to another.
pub fn effect(coupling: &Coupling) -> String {
    let Coupling {
        source,
        target,
        strength,
    } = coupling;
    let share = strength.map_or(0.0, |s| s.value);
    let does = if share > 0.0 {
        "speeds up"
    } else {
        "slows down"
    };
    format!(
        "{source} {does} {target}, share {}",
        short_number(share.abs())
    )
}

/// How many couplings a bundle holds, where it holds several.
fn count(bundle: &Bundle, edge: &Edge) -> String {
    let many = counted(&bundle.couplings);
    if many < 2 {
        return String::new();
    }
    let (x, y) = edge.count;
    let colour = colour(sign(&bundle.couplings));
    format!(
        "<g class=\"count n{} n{}\" pointer-events=\"none\"><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7.5\" fill=\"#fff\" stroke=\"{colour}\"/>\
         <text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"10\" text-anchor=\"middle\" fill=\"{INK}\">{many}</text></g>\n",
        bundle.from,
        bundle.to,
        y + 3.5
    )
}

fn module(graph: &Graph, number: usize, frame: &Frame) -> String {
    let node = &graph.nodes[number];
    let mut out = format!("<g class=\"box n{number}\">");
    let mut about = node.title.clone();
    for (id, name) in &node.states {
        if !name.is_empty() || *id != node.title {
            about += &format!("\n{id}: {name}");
        }
    }
    if !node.inside.is_empty() {
        about += "\n\n";
        about += &tooltip("inside", &node.inside);
    }
    out += &format!(
        "<title>{}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"6\" fill=\"#fff\" stroke=\"{INK}\" stroke-width=\"1.3\"/>",
        escape(&about),
        frame.left(),
        frame.up(),
        frame.width,
        frame.height
    );
    let mut y = frame.up() + PAD + TITLE - 2.0;
    let mut text = |content: &str, size: f64, more: &str| {
        out += &format!(
            "<text x=\"{:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"middle\"{more}>{}</text>",
            frame.x,
            escape(content)
        );
        y += LINE;
    };
    let bold = format!(" font-weight=\"bold\" fill=\"{INK}\"");
    text(&title(&node.title, frame), TITLE, &bold);
    for line in &frame.states {
        text(line, STATE, &format!(" fill=\"{INK}\""));
    }
    for line in &frame.assigned {
        text(
            line,
            STATE,
            &format!(" font-style=\"italic\" fill=\"{INK}\""),
        );
    }
    if let Some(note) = &frame.note {
        text(note, STATE - 1.0, &format!(" fill=\"{SOFT}\""));
    }
    for (tag, place) in node.tags.iter().zip(&frame.tags) {
        let head = match tag.name.is_empty() {
            true => tag.input.clone(),
            false => format!("{}: {}", tag.input, tag.name),
        };
        out += &tag_svg(&tag_text(tag), *place, &tag.couplings, &head);
    }
    out + "</g>\n"
}

/// An input as a tag.
pub fn tag_svg(
    text: &str,
    (left, top, width): (f64, f64, f64),
    couplings: &[Coupling],
    head: &str,
) -> String {
    let colour = colour(sign(couplings));
    let height = TAG_LINE - 4.0;
    format!(
        "<g><title>{}</title><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"7.5\" fill=\"#f4f6f8\" stroke=\"{colour}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{TAG}\" text-anchor=\"middle\" fill=\"{INK}\">{}</text></g>",
        escape(&tooltip(head, couplings)),
        left + width / 2.0,
        top + height - 4.0,
        escape(text)
    )
}

/// The room for a legend.
fn room(placement: &Placement) -> f64 {
    placement.width - 16.0
}
