//! The frame of every page: head, style, contents, sections, footer.
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A numbered section.
pub(super) struct Section {
    id: &'static str,
    title: String,
    body: Markup,
}

impl Section {
    pub fn new(id: &'static str, title: impl Into<String>, body: Markup) -> Self {
        Self {
            id,
            title: title.into(),
            body,
        }
    }
}

/// A whole page.
pub(super) struct Page<'a> {
    pub title: String,
    pub head: Markup,
    pub sections: Vec<Section>,
    pub date: Option<&'a str>,
}

/// Nothing is loaded and nothing runs, whatever a text may hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const DISCLAIMER: &str = "Research software. Not medical advice, not a medical device, not for individual treatment decisions.";

impl Page<'_> {
    /// The page as HTML.
    pub fn render(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    title { (self.title) }
                    style { (PreEscaped(include_str!("page.css"))) }
                }
                body {
                    header { (self.head) }
                    nav aria-label="Contents" {
                        ol {
                            @for section in &self.sections {
                                li { a href={ "#" (section.id) } { (section.title) } }
                            }
                        }
                    }
                    main {
                        @for (number, section) in self.sections.iter().enumerate() {
                            section id=(section.id) {
                                h2 { span.number { (number + 1) } " " (section.title) }
                                (section.body)
                            }
                        }
                    }
                    footer {
                        p { strong { (DISCLAIMER) } }
                        p {
                            "Made by holobiont " (env!("CARGO_PKG_VERSION"))
                            @if let Some(date) = self.date { " on " time { (date) } }
                            "."
                        }
                    }
                }
            }
        };
        page.into_string() + "\n"
    }
}
