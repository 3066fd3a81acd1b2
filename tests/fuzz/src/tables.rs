//! Problems as one text, and changes of their tables: rows and cells that move, double, vanish or get a telling value.

/// The files of a text: each begins with `=== NAME`.
pub fn files(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("=== ") {
            files.push((name.trim().to_owned(), String::new()));
        } else if let Some((_, content)) = files.last_mut() {
            content.push_str(line);
        }
    }
    files
}

/// Values of cells that mean something somewhere.
const VALUES: [&str; 44] = [
    "", "0", "1", "-1", "0.5", "1e308", "1e-320", "-inf", "inf", "nan", "NaN", "true", "false", "2;1", "0;0", ";", "-1;1", "A",
    "B", "k1", "k2", "sum", "time", "obs_a", "obs_b", "e1", "e2", "rest", "low", "offset", "noiseParameter1_obs_a",
    "observableParameter1_obs_a", "1/0", "0/0", "A^2", "A/B", "log(A)", "piecewise(1, A > 0, 2)", "sqrt(-1)", "2 * (A",
    "laplace", "log-normal", "log10", "1e400",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize
    }

    fn below(&mut self, n: usize) -> usize {
        self.next() % n.max(1)
    }
}

/// One to three changes.
pub fn mutate(text: &str, seed: u32) -> String {
    let mut random = Random(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..1 + random.below(3) {
        change(&mut lines, &mut random);
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn change(lines: &mut Vec<String>, random: &mut Random) {
    if lines.is_empty() {
        return;
    }
    let at = random.below(lines.len());
    let other = random.below(lines.len());
    match random.below(10) {
        0 => {
            lines.remove(at);
        }
        1 => {
            let line = lines[at].clone();
            lines.insert(other, line);
        }
        2 => lines.swap(at, other),
        _ => {
            let value = match random.below(3) {
                0 => VALUES[random.below(VALUES.len())].to_owned(),
                _ => {
                    let cells: Vec<&str> = lines[other].split('\t').collect();
                    cells[random.below(cells.len())].to_owned()
                }
            };
            let mut cells: Vec<&str> = lines[at].split('\t').collect();
            let cell = random.below(cells.len());
            cells[cell] = &value;
            lines[at] = cells.join("\t");
        }
    }
}
