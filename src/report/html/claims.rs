//! The table of claims that stands beside a model, on its page.
use super::text::source;
use crate::exchange::tables::Table;
use maud::{Markup, html};
use std::path::Path;

/// The claims, from the generated table; one row a claim.
pub(super) fn section(text: &str) -> Option<Markup> {
    let table = Table::parse(Path::new("claims.tsv"), text, b'\t').ok()?;
    let cell = |row: usize, column: &str| -> &str {
        let at = table.column(column);
        at.map_or("", |at| table.rows[row].cells[at].as_str())
    };
    // the rows of a claim stand together; what is said of the whole claim stands in each
    let new = |&row: &usize| row == 0 || cell(row, "claim") != cell(row - 1, "claim");
    let firsts: Vec<usize> = (0..table.rows.len()).filter(new).collect();
    if firsts.is_empty() {
        return None;
    }
    let share = |row: usize| {
        let number = |column: &str| cell(row, column).parse::<f64>().ok();
        match number("shown").zip(number("finished")) {
            Some((shown, finished)) if finished > 0.0 => {
                format!("{:.0} %", 100.0 * shown / finished)
            }
            _ => String::new(),
        }
    };
    Some(html! {
        p {
            "What is said, what the evidence says of it, the share of random draws from the declared ranges that show it (90 % and more "
            "is built in and tells nothing), and how the model comes by what it says. A sign that the model shows is no evidence that patients do."
        }
        div.table { table {
            thead { tr {
                th { "claim" } th { "what is said" } th { "evidence" } th.n { "draws that show it" } th { "in the model" } th { "why" } th { "sources" }
            } }
            tbody {
                @for &row in &firsts {
                    tr {
                        td { (cell(row, "claim")) }
                        td { (cell(row, "statement")) }
                        td { (cell(row, "evidence")) }
                        td.n { (share(row)) }
                        td { (cell(row, "label")) }
                        td {
                            (cell(row, "reasons"))
                            @for text in [cell(row, "failings"), cell(row, "cannot")] {
                                @if !text.is_empty() { p { (text) } }
                            }
                        }
                        td { (source(cell(row, "sources"))) }
                    }
                }
            }
        } }
    })
}
