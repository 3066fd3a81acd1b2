//! Any text is read as a formula: an error with its column or an expression, never a panic; what is written again means the same.
#![no_main]
use holobiont::expr::{Graph, Variable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut graph = Graph::new();
    let read = match graph.parse(text) {
        Ok(read) => read,
        Err(error) => {
            let columns = text.chars().count() + 1;
            assert!((1..=columns).contains(&error.column), "{error}");
            assert!(!error.message.is_empty());
            return;
        }
    };
    let symbols = graph.symbols_of(read);
    let value = |name: &str| Some(0.25 + f64::from(name.bytes().last().unwrap_or(b'a') % 7));
    let number = graph.evaluate(read, &value, 1.5);
    let _ = graph.latex(read);
    let written = graph.text(read);
    let again = graph.parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
    let second = graph.evaluate(again, &value, 1.5);
    match (&number, &second) {
        (Ok(a), Ok(b)) => assert!(a == b || (a.is_nan() && b.is_nan()) || close(*a, *b), "{a} became {b}: {written}"),
        _ => assert_eq!(number, second, "{written}"),
    }
    // a derivative exists where the functions are known, and is short
    if number.is_ok() && graph.len() < 500 && let Some(&symbol) = symbols.first() {
        let slope = graph.derivative(read, Variable::Symbol(symbol));
        let _ = graph.evaluate(slope, &value, 1.5);
        assert!(graph.len() < 1_000_000);
    }
});

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}
