//! Pleiades and Arenstorf's orbit: celestial mechanics in the plane, for the methods that are not for stiff problems.
use super::problems::Reference;

/// Initial (x, y, x', y') of the seven stars with masses 1 to 7, and the same at t = 3.
const STARS: [[f64; 8]; 7] = [
    [
        3.0,
        3.0,
        0.0,
        0.0,
        0.3706139143970502,
        -3.943437585517392,
        3.417003806314313,
        -3.741244961234010,
    ],
    [
        3.0,
        -3.0,
        0.0,
        0.0,
        3.237284092057233,
        -3.271380973972550,
        1.354584501625501,
        0.3773459685750630,
    ],
    [
        -1.0,
        2.0,
        0.0,
        0.0,
        -3.222559032418324,
        5.225081843456543,
        -2.590065597810775,
        0.9386858869551073,
    ],
    [
        -3.0,
        0.0,
        0.0,
        -1.25,
        0.6597091455775310,
        -2.590612434977470,
        2.025053734714242,
        0.3667922227200571,
    ],
    [
        2.0,
        0.0,
        0.0,
        1.0,
        0.3425581707156584,
        1.198213693392275,
        -1.155815100160448,
        -0.3474046353808490,
    ],
    [
        -2.0,
        -4.0,
        1.75,
        0.0,
        1.562172101400631,
        -0.2429682344935824,
        -0.8072988170223021,
        2.344915448180937,
    ],
    [
        2.0,
        4.0,
        -1.5,
        0.0,
        -0.7003092922212495,
        1.091449240428980,
        0.5952396354208710,
        -1.947020434263292,
    ],
];

/// Pleiades (HNW, section II.10) at t = 3; digits of the test set.
pub fn pleiades() -> Reference {
    let pull = |axis: char, i: usize| {
        let one = |j: usize| {
            let (a, b) = (i.min(j), i.max(j));
            let square = format!("((x{a} - x{b})^2 + (y{a} - y{b})^2)");
            let sign = if i == a { '-' } else { '+' };
            format!(" {sign} {j} * ({axis}{a} - {axis}{b}) / ({square} * sqrt({square}))")
        };
        let others = (1..=7).filter(|j| *j != i);
        format!("0{}", others.map(one).collect::<String>())
    };
    let mut states = Vec::new();
    for (column, axis) in ['x', 'y'].into_iter().enumerate() {
        for (i, star) in STARS.iter().enumerate() {
            let i = i + 1;
            states.push((
                format!("{axis}{i}"),
                star[column].to_string(),
                format!("d{axis}{i}"),
            ));
        }
    }
    for (column, axis) in ['x', 'y'].into_iter().enumerate() {
        for (i, star) in STARS.iter().enumerate() {
            let i = i + 1;
            states.push((
                format!("d{axis}{i}"),
                star[column + 2].to_string(),
                pull(axis, i),
            ));
        }
    }
    let column = |c: usize| STARS.iter().map(move |star| star[c]);
    Reference {
        name: "pleiades",
        states,
        parameters: Vec::new(),
        end: 3.0,
        digits: (4..8).flat_map(column).collect(),
        small: 1.0,
        floor: 0.0,
    }
}

/// Arenstorf's orbit (HNW, section II.0): a satellite between earth and moon is back where it started after the period.
pub fn arenstorf() -> Reference {
    let earth = "((x + mu)^2 + y^2)";
    let moon = "((x - (1 - mu))^2 + y^2)";
    let cube = |square: &str| format!("({square} * sqrt({square}))");
    let (e, m) = (cube(earth), cube(moon));
    let row = |id: &str, initial: &str, rhs: String| (id.to_string(), initial.to_string(), rhs);
    Reference {
        name: "Arenstorf",
        states: vec![
            row("x", "0.994", "dx".into()),
            row("y", "0", "dy".into()),
            row(
                "dx",
                "0",
                format!("x + 2*dy - (1 - mu)*(x + mu)/{e} - mu*(x - (1 - mu))/{m}"),
            ),
            row(
                "dy",
                "-2.00158510637908252240537862224",
                format!("y - 2*dx - (1 - mu)*y/{e} - mu*y/{m}"),
            ),
        ],
        parameters: vec![("mu", 0.012277471)],
        end: 17.065_216_560_157_962,
        digits: vec![0.994, 0.0, 0.0, -2.001_585_106_379_082_5],
        small: 1.0,
        floor: 1.0,
    }
}
