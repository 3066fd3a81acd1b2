//! POLLU: the chemical part of an air pollution model, 20 species and 25 reactions (Verwer 1994, doi:10.1137/0915076).
use super::problems::Reference;

/// Rate constants, and the species of each rate.
const RATES: [(f64, &[usize]); 25] = [
    (0.35, &[1]),
    (26.6, &[2, 4]),
    (1.23e4, &[5, 2]),
    (8.6e-4, &[7]),
    (8.2e-4, &[7]),
    (1.5e4, &[7, 6]),
    (1.3e-4, &[9]),
    (2.4e4, &[9, 6]),
    (1.65e4, &[11, 2]),
    (9e3, &[11, 1]),
    (0.022, &[13]),
    (1.2e4, &[10, 2]),
    (1.88, &[14]),
    (1.63e4, &[1, 6]),
    (4.8e6, &[3]),
    (3.5e-4, &[4]),
    (0.0175, &[4]),
    (1e8, &[16]),
    (4.44e11, &[16]),
    (1.24e3, &[17, 6]),
    (2.1, &[19]),
    (5.78, &[19]),
    (0.0474, &[1, 4]),
    (1.78e3, &[19, 1]),
    (3.12, &[20]),
];

type Species = (f64, &'static [usize], &'static [usize], f64);

/// Per species: initial value, reactions that make it (twice where two are made), reactions that use it, digits of the test
/// set at t = 60.
const SPECIES: [Species; 20] = [
    (
        0.0,
        &[2, 3, 9, 11, 12, 22, 25],
        &[1, 10, 14, 23, 24],
        0.5646255480022769e-1,
    ),
    (0.2, &[1, 21], &[2, 3, 9, 12], 0.1342484130422339),
    (0.0, &[1, 17, 19, 22], &[15], 0.4139734331099427e-8),
    (0.04, &[15], &[2, 16, 17, 23], 0.5523140207484359e-2),
    (0.0, &[4, 4, 6, 7, 13, 20], &[3], 0.2018977262302196e-6),
    (0.0, &[3, 18, 18], &[6, 8, 14, 20], 0.1464541863493966e-6),
    (0.1, &[13], &[4, 5, 6], 0.7784249118997964e-1),
    (0.3, &[4, 5, 6, 7], &[], 0.3245075353396018),
    (0.01, &[], &[7, 8], 0.7494013383880406e-2),
    (0.0, &[7, 9], &[12], 0.1622293157301561e-7),
    (0.0, &[8, 11], &[9, 10], 0.1135863833257075e-7),
    (0.0, &[9], &[], 0.2230505975721359e-2),
    (0.0, &[10], &[11], 0.2087162882798630e-3),
    (0.0, &[12], &[13], 0.1396921016840158e-4),
    (0.0, &[14], &[], 0.8964884856898295e-2),
    (0.0, &[16], &[18, 19], 0.4352846369330103e-17),
    (0.007, &[], &[20], 0.6899219696263405e-2),
    (0.0, &[20], &[], 0.1007803037365946e-3),
    (0.0, &[23, 25], &[21, 22, 24], 0.1772146513969984e-5),
    (0.0, &[24], &[25], 0.5682943292316392e-4),
];

/// POLLU at t = 60 (minutes, ppm).
pub fn pollu() -> Reference {
    let rate = |reaction: usize| {
        let (constant, species) = RATES[reaction - 1];
        let factors: Vec<String> = species.iter().map(|i| format!("y{i}")).collect();
        format!("{constant:e} * {}", factors.join(" * "))
    };
    let state = |(i, (initial, makes, uses, _)): (usize, &Species)| {
        let made = makes.iter().map(|r| format!(" + {}", rate(*r)));
        let used = uses.iter().map(|r| format!(" - {}", rate(*r)));
        let rhs: String = made.chain(used).collect();
        (
            format!("y{}", i + 1),
            initial.to_string(),
            format!("0{rhs}"),
        )
    };
    Reference {
        name: "POLLU",
        states: SPECIES.iter().enumerate().map(state).collect(),
        parameters: Vec::new(),
        end: 60.0,
        digits: SPECIES.iter().map(|(.., digits)| *digits).collect(),
        // below all but the sixteenth, which follows the fourth within 1e-11
        small: 1e-6,
        floor: 0.0,
    }
}
