//! A problem as files in memory: from a text with `=== NAME` before each file, or from a folder of the suite.
use std::{fs, path::Path};

/// Names and contents; the YAML file comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub name: String,
    pub files: Vec<(String, String)>,
}

pub const VERSION_1: &str = include_str!("problems/v1.txt");
pub const VERSION_2: &str = include_str!("problems/v2.txt");
pub const OURS: &str = include_str!("problems/ours.txt");

impl Problem {
    pub fn parse(name: &str, text: &str) -> Self {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("=== ") {
                files.push((name.trim().to_owned(), String::new()));
            } else {
                files.last_mut().unwrap().1.push_str(line);
            }
        }
        let name = name.to_owned();
        Self { name, files }
    }

    /// All files of a folder that belong to the problem itself.
    pub fn load(name: &str, folder: &Path) -> Self {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|n| {
                !n.contains("solution") && !n.contains("simulations") && !n.ends_with(".md")
            })
            .collect();
        names.sort_by_key(|n| (!n.ends_with(".yaml"), n.clone()));
        let read = |n: String| {
            let text = fs::read_to_string(folder.join(&n)).unwrap();
            (n, text)
        };
        let mut files: Vec<(String, String)> = names.into_iter().map(read).collect();
        let yaml = files[0].1.clone();
        files.retain(|(name, _)| name.ends_with(".yaml") || yaml.contains(&format!(" {name}\n")));
        let name = name.to_owned();
        Self { name, files }
    }

    pub fn yaml(&self) -> &str {
        &self.files[0].0
    }

    pub fn text(&self, file: &str) -> &str {
        &self.files.iter().find(|(name, _)| name == file).unwrap().1
    }

    pub fn text_mut(&mut self, file: &str) -> &mut String {
        &mut self
            .files
            .iter_mut()
            .find(|(name, _)| name == file)
            .unwrap()
            .1
    }

    /// Replaces a text that a file has once.
    pub fn with(mut self, file: &str, from: &str, to: &str) -> Self {
        let text = self.text_mut(file);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {file}:\n{text}");
        *text = text.replacen(from, to, 1);
        self
    }

    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
}
