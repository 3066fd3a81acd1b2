//! A table as cells, as far as a mutation needs it: separated by tabs, without quotes.

#[derive(Clone, Debug)]
pub struct Cells(pub Vec<Vec<String>>);

impl Cells {
    pub fn parse(text: &str) -> Self {
        let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
        Self(text.lines().map(cells).collect())
    }

    pub fn text(&self) -> String {
        self.0.iter().map(|row| row.join("\t") + "\n").collect()
    }

    pub fn header(&self) -> &[String] {
        &self.0[0]
    }

    /// Rows (from 1: the first below the header) and columns of the cells that a test accepts, by column name and text.
    pub fn find(&self, accept: impl Fn(&str, &str) -> bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (r, row) in self.0.iter().enumerate().skip(1) {
            for (c, cell) in row.iter().enumerate() {
                if self.header().get(c).is_some_and(|name| accept(name, cell)) {
                    found.push((r, c));
                }
            }
        }
        found
    }
}
