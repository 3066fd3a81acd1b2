//! Figures of a page: numbered, captioned, drawn as SVG within the page.
use crate::report::{draw::DrawError, figure::Figure};
use maud::{Markup, PreEscaped, html};

/// Counts the figures of a page.
#[derive(Debug, Default)]
pub(super) struct Figures {
    count: usize,
}

/// Panels that stand open and the pages that follow, of one thing.
pub(super) struct Paged<'a, T> {
    /// start of the ids
    pub id: String,
    /// heading
    pub name: &'a str,
    pub shown: &'a [T],
    /// how many stand open
    pub open: usize,
    /// how many stand on one folded page
    pub page: usize,
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
        let number = html! { "Figure " (self.count) "." };
        draw(id, picture, label, html! { b { (number) } " " (caption) })
    }

    /// The next figure, with what does not find room folded below it as its continuation. `picture` draws a part and says in
    /// words what it shows.
    pub fn add_paged<T>(
        &mut self,
        paged: &Paged<T>,
        picture: impl Fn(&[T]) -> (Figure, String),
        caption: Markup,
    ) -> Result<Markup, DrawError> {
        let (first, rest) = paged.shown.split_at(paged.open.min(paged.shown.len()));
        let (figure, label) = picture(first);
        let opened = self.add(&format!("{}-0", paged.id), &figure, &label, caption)?;
        let mut pages = Vec::new();
        for (page, part) in rest.chunks(paged.page).enumerate() {
            let (figure, label) = picture(part);
            let caption = html! { b { "Figure " (self.count) ", continued." } };
            let id = format!("{}-{}", paged.id, page + 1);
            pages.push(draw(&id, &figure, &label, caption)?);
        }
        Ok(html! {
            h3 { (paged.name) }
            (opened)
            @if !pages.is_empty() {
                details {
                    summary { (paged.name) ": " (rest.len()) " more panels" }
                    @for page in &pages { (page) }
                }
            }
        })
    }
}

fn draw(id: &str, picture: &Figure, label: &str, caption: Markup) -> Result<Markup, DrawError> {
    let svg = picture.svg_within(&format!("{id}-svg"), label)?;
    Ok(html! {
        figure id=(id) {
            (PreEscaped(svg))
            figcaption { (caption) }
        }
    })
}
