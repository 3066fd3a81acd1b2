//! Standard problems as text, with the digits of their solutions and where these come from.
//!
//! "Test set" is the Bari test set for initial value problem solvers (F. Mazzia and C. Magherini, release 2.4, 2008): digits
//! computed by RADAU and RADAU5 in 128-bit arithmetic with rtol 1.1e-18, as its programs say. "HNW" is Hairer, Norsett, Wanner,
//! "Solving Ordinary Differential Equations I" (doi:10.1007/978-3-540-78862-1).
//!
//! The digits of stiff problems are confirmed by Rodas5P at rtol 1e-10, which comes within 2e-10 of them (E5: see there); pleiades
//! and Arenstorf's orbit by extrapolation (Gragg, Bulirsch, Stoer, order 20) in 40-digit arithmetic, in Python's mpmath.
use holobiont::{
    compile::System,
    expr::Graph,
    network::{Equations, ParameterEquation, StateEquation},
};

/// A problem with its solution at the end.
pub struct Reference {
    pub name: &'static str,
    /// id, initial value, right-hand side
    pub states: Vec<(String, String, String)>,
    pub parameters: Vec<(&'static str, f64)>,
    pub end: f64,
    pub digits: Vec<f64>,
    /// absolute tolerance per relative tolerance: below every state that matters
    pub small: f64,
    /// states below this size count as this size in the error
    pub floor: f64,
}

impl Reference {
    pub fn system(&self) -> System {
        let mut graph = Graph::new();
        let states = self
            .states
            .iter()
            .map(|(id, initial, rhs)| StateEquation {
                id: id.clone(),
                unit: None,
                initial: graph.parse(initial).expect("a number"),
                right_hand_side: graph.parse(rhs).expect("a formula"),
                mass: 1.0,
                nonnegative: false,
            })
            .collect();
        let parameter = |(id, value): &(&str, f64)| ParameterEquation {
            id: (*id).into(),
            value: *value,
            unit: None,
        };
        System::compile(&Equations {
            id: self.name.into(),
            time_unit: None,
            graph,
            states,
            parameters: self.parameters.iter().map(parameter).collect(),
            inputs: Vec::new(),
            observables: Vec::new(),
            rates: Vec::new(),
            events: Vec::new(),
            requirements: Vec::new(),
        })
        .expect("a sound system")
    }

    /// Greatest error of a state relative to its size, or to the floor.
    pub fn error(&self, states: &[f64]) -> f64 {
        assert_eq!(states.len(), self.digits.len());
        let relative = |(y, r): (&f64, &f64)| (y - r).abs() / r.abs().max(self.floor);
        states
            .iter()
            .zip(&self.digits)
            .map(relative)
            .fold(
                0.0,
                |a, b| if b.is_nan() { f64::NAN } else { f64::max(a, b) },
            )
    }
}

fn rows(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter()
        .map(|(id, initial, rhs)| (id.to_string(), initial.to_string(), rhs.to_string()))
        .collect()
}

/// H. H. Robertson 1966, at t = 1e11; digits of the test set.
pub fn robertson() -> Reference {
    Reference {
        name: "Robertson",
        states: rows(&[
            ("a", "1", "-k1 * a + k3 * b * c"),
            ("b", "0", "k1 * a - k3 * b * c - k2 * b^2"),
            ("c", "0", "k2 * b^2"),
        ]),
        parameters: vec![("k1", 0.04), ("k2", 3e7), ("k3", 1e4)],
        end: 1e11,
        digits: vec![
            0.2083340149701255e-7,
            0.8333360770334713e-13,
            0.999999979166505,
        ],
        // far below b
        small: 1e-7,
        floor: 0.0,
    }
}

/// "High irradiance response" of photomorphogenesis (Schaefer 1975), at t = 321.8122; digits of the test set.
pub fn hires() -> Reference {
    Reference {
        name: "HIRES",
        states: rows(&[
            ("y1", "1", "-1.71*y1 + 0.43*y2 + 8.32*y3 + 0.0007"),
            ("y2", "0", "1.71*y1 - 8.75*y2"),
            ("y3", "0", "-10.03*y3 + 0.43*y4 + 0.035*y5"),
            ("y4", "0", "8.32*y2 + 1.71*y3 - 1.12*y4"),
            ("y5", "0", "-1.745*y5 + 0.43*y6 + 0.43*y7"),
            (
                "y6",
                "0",
                "-280*y6*y8 + 0.69*y4 + 1.71*y5 - 0.43*y6 + 0.69*y7",
            ),
            ("y7", "0", "280*y6*y8 - 1.81*y7"),
            ("y8", "0.0057", "-280*y6*y8 + 1.81*y7"),
        ]),
        parameters: Vec::new(),
        end: 321.8122,
        digits: vec![
            0.7371312573325668e-3,
            0.1442485726316185e-3,
            0.5888729740967575e-4,
            0.1175651343283149e-2,
            0.2386356198831331e-2,
            0.6238968252742796e-2,
            0.2849998395185769e-2,
            0.2850001604814231e-2,
        ],
        small: 1e-3,
        floor: 0.0,
    }
}

/// Oregonator (Field and Noyes 1974, doi:10.1063/1.1681288), at t = 360, after a full cycle; digits of the test set.
pub fn oregonator() -> Reference {
    Reference {
        name: "Oregonator",
        states: rows(&[
            ("y1", "1", "77.27 * (y2 + y1 * (1 - 8.375e-6 * y1 - y2))"),
            ("y2", "2", "(y3 - (1 + y1) * y2) / 77.27"),
            ("y3", "3", "0.161 * (y1 - y3)"),
        ]),
        parameters: Vec::new(),
        end: 360.0,
        digits: vec![
            0.1000814870318523e1,
            0.1228178521549917e4,
            0.1320554942846706e3,
        ],
        small: 1e-3,
        floor: 0.0,
    }
}

/// Van der Pol's oscillator with mu^2 = 1e6 in the time of the slow motion, at t = 2; digits of the test set.
pub fn van_der_pol() -> Reference {
    Reference {
        name: "van der Pol",
        states: rows(&[
            ("y1", "2", "y2"),
            ("y2", "0", "((1 - y1^2) * y2 - y1) / eps"),
        ]),
        parameters: vec![("eps", 1e-6)],
        end: 2.0,
        digits: vec![1.706167732170483, -0.8928097010247975],
        small: 1e-3,
        floor: 0.0,
    }
}

/// E5 of Enright, Hull, Lindberg 1975 (doi:10.1007/BF01932994), chemical pyrolysis, at t = 1e13, with y2 = y3 + y4 put in.
///
/// y4 and y1 have vanished at the end, so y2 = y3. The test set has y2 = 0.8867655517642120e-22 and y3 = 0.8854814626268838e-22,
/// which differ by rounding of theirs (see [`e5_in_four_states`]); their geometric mean is the value here to 1e-7. It comes from
/// Radau IIA of order 13 in 50-digit arithmetic (Python's mpmath), 4, 8 and 12 steps a decade: the last two agree to 3e-13.
pub fn e5() -> Reference {
    Reference {
        name: "E5",
        states: rows(&[
            ("y1", "1.76e-3", "-a*y1 - b*y1*y3"),
            ("y3", "0", "a*y1 - b*y1*y3 - m*c*(y3 + y4)*y3 + c*y4"),
            ("y4", "0", "b*y1*y3 - c*y4"),
        ]),
        parameters: vec![("a", 7.89e-10), ("b", 1.1e7), ("c", 1.13e3), ("m", 1e6)],
        end: 1e13,
        digits: vec![0.0, 8.861233521291e-23, 0.0],
        // Hairer and Wanner take an absolute tolerance of 1.7e-24
        small: 1e-20,
        floor: 1e-22,
    }
}

/// E5 as it is published, with a state for each species.
///
/// Rounding of y1, which is 1e13 times as large as y3, breaks y2 = y3 + y4, and at the end the difference is all there is.
pub fn e5_in_four_states() -> Reference {
    let mut reference = e5();
    reference.states = rows(&[
        ("y1", "1.76e-3", "-a*y1 - b*y1*y3"),
        ("y2", "0", "a*y1 - m*c*y2*y3"),
        ("y3", "0", "a*y1 - b*y1*y3 - m*c*y2*y3 + c*y4"),
        ("y4", "0", "b*y1*y3 - c*y4"),
    ]);
    let y3 = reference.digits[1];
    reference.digits = vec![0.0, y3, y3, 0.0];
    reference
}
