//! Figures of a page: numbered, captioned, drawn as SVG within the page.
use crate::report::{draw::DrawError, figure::Figure};
use maud::{Markup, PreEscaped, html};

/// Counts the figures of a page.
#[derive(Debug, Default)]
pub(super) struct Figures {
    count: usize,
}

impl Figures {
    /// The next figure. `label` says in words what a reader who cannot see it misses.
    pub fn add(
        &mut self,
        id: &str,
        picture: &Figure,
        label: &str,
        caption: Markup,
    ) -> Result<Markup, DrawError> {
        self.count += 1;
        let svg = picture.svg_within(&format!("{id}-svg"), label)?;
        Ok(html! {
            figure id=(id) {
                (PreEscaped(svg))
                figcaption { b { "Figure " (self.count) ". " } (caption) }
            }
        })
    }
}
