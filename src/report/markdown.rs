//! The little of Markdown that the models' READMEs use, as HTML: headings, paragraphs, lists, tables, code, bold.
use super::model::escape;

/// A README as HTML; headings start at the third level.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
    let mut paragraph: Vec<String> = Vec::new();
    let mut code: Option<Vec<&str>> = None;
    let mut fenced = false;
    let flush = |paragraph: &mut Vec<String>, out: &mut String| {
        if !paragraph.is_empty() {
            out.push_str(&format!("<p>{}</p>\n", inline(&paragraph.join(" "))));
            paragraph.clear();
        }
    };
    let end_code = |code: &mut Option<Vec<&str>>, out: &mut String| {
        if let Some(lines) = code.take() {
            out.push_str(&format!(
                "<pre>{}</pre>\n",
                escape(lines.join("\n").trim_end())
            ));
        }
    };
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            flush(&mut paragraph, &mut out);
            if fenced {
                end_code(&mut code, &mut out);
            } else {
                code = Some(Vec::new());
            }
            fenced = !fenced;
        } else if fenced {
            code.get_or_insert_default().push(line);
        } else if let Some(rest) = line.strip_prefix("    ").filter(|_| paragraph.is_empty()) {
            code.get_or_insert_default().push(rest);
        } else if line.starts_with("<!--") && line.ends_with("-->") {
            flush(&mut paragraph, &mut out);
        } else {
            end_code(&mut code, &mut out);
            if line.starts_with('|') {
                flush(&mut paragraph, &mut out);
                out.push_str(&row(line));
            } else if line.trim().is_empty() {
                flush(&mut paragraph, &mut out);
            } else if line.starts_with('#') {
                flush(&mut paragraph, &mut out);
                let level = line.chars().take_while(|c| *c == '#').count();
                let level = (level + 2).min(6);
                out.push_str(&format!(
                    "<h{level}>{}</h{level}>\n",
                    inline(line.trim_start_matches('#').trim())
                ));
            } else if let Some(item) = line.strip_prefix("- ") {
                flush(&mut paragraph, &mut out);
                out.push_str(&format!("<ul><li>{}</li></ul>\n", inline(item)));
            } else {
                paragraph.push(line.trim().to_owned());
            }
        }
    }
    end_code(&mut code, &mut out);
    flush(&mut paragraph, &mut out);
    out.replace("</ul>\n<ul>", "\n").replace(ROW_TO_ROW, "\n")
}

/// Where one row of a table ends and the next begins.
const ROW_TO_ROW: &str = "</table></div>\n<div class=\"table\"><table>";

/// One row of a table, as a table of its own; the line below the header is none.
fn row(line: &str) -> String {
    let line = line.trim().trim_matches('|');
    if line.chars().all(|c| "-:| ".contains(c)) {
        return String::new();
    }
    let cells = line.split('|').map(|cell| inline(cell.trim()));
    let cells: Vec<String> = cells.map(|cell| format!("<td>{cell}</td>")).collect();
    let cells = cells.concat();
    format!("<div class=\"table\"><table><tr>{cells}</tr></table></div>\n")
}

/// Bold and code within a line.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 1 {
            out.push_str(&format!("<code>{}</code>", escape(part)));
            continue;
        }
        for (j, piece) in escape(part).split("**").enumerate() {
            if j > 0 {
                out.push_str(if j % 2 == 1 { "<strong>" } else { "</strong>" });
            }
            out.push_str(piece);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_follow_each_other_are_one_table() {
        let page = html("<!-- a mark -->\n| a | b |\n|---|---:|\n| 1 | **2** |\n");
        assert_eq!(
            page,
            "<div class=\"table\"><table><tr><td>a</td><td>b</td></tr>\n<tr><td>1</td><td><strong>2</strong></td></tr></table></div>\n"
        );
    }

    #[test]
    fn paragraphs_code_and_bold_are_told_apart() {
        let page = html("# A\n\n**Question.** Is `x` < 1?\n\n    dx/dt = -x\n\n- one\n- two\n");
        assert_eq!(
            page,
            "<h3>A</h3>\n<p><strong>Question.</strong> Is <code>x</code> &lt; 1?</p>\n<pre>dx/dt = -x</pre>\n<ul><li>one</li>\n<li>two</li></ul>\n"
        );
    }
}
