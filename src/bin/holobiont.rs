//! The command line of holobiont.
fn main() {}
