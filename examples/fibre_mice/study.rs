//! Training and test mice as fitting problems of one community, and the forecasts they give.
//!
//! All unknowns are natural logarithms with normal priors. Shared: where the guilds of a typical mouse start, their capacities,
//! their growth on each substrate, the supplies, the acids. Of each mouse: a factor of the capacity of every followed genus (which
//! its start has, too), a factor of the whole community on day 0 that is forgotten, a factor of each acid.
use super::community::{ACID_IDS, Community, REST, SUBSTRATES, identifier};
use super::scores::{Forecast, Quantities, floored};
use super::tables::{ACIDS, Mouse, Sample, Study};
use super::variation::Spread;
use holobiont::{
    cohort::{Cohort, CohortModel, Endpoint, Source, Subject, Visit},
    compile::Formulas,
    fit::{FitProblem, Natural, Parameter, ParameterTable, Prior, Scale},
    noise::{LogNormal, Reading},
    schedule::Schedule,
    solve::Status,
};
use std::{collections::HashMap, error::Error, f64::consts::LN_10, sync::Arc};

/// Widths of priors and other assumptions, all set before a test mouse is seen.
#[derive(Clone, Copy, Debug)]
pub struct Assumptions {
    /// standard deviation of ln capacity around the one that the mean level of the genus suggests
    pub capacity: f64,
    /// share of the capacity that the mean level is
    pub filling: f64,
    /// ln maximal growth: mean and standard deviation
    pub growth: (f64, f64),
    /// standard deviation of ln maximal growth on inulin: few genera can live on it
    pub growth_on_inulin: f64,
    /// standard deviation of ln of what starch and inulin give of each acid, beside the base
    pub product: f64,
    /// readings after day 0 of one mouse, and of mice of one cage, tell the same: their standard deviation is raised by this factor
    pub tempering: f64,
    /// standard deviation of log10 of the load on day 0
    pub load: f64,
    /// standard deviation of log10 of a genus that is not seen on day 0, against the floor
    pub unseen: f64,
    /// standard deviation of ln of the factor of the whole community on day 0
    pub community: f64,
}

impl Default for Assumptions {
    fn default() -> Self {
        Assumptions {
            capacity: 0.5,
            filling: 0.6,
            growth: (1.5f64.ln(), 0.5),
            growth_on_inulin: 1.0,
            product: 0.5,
            tempering: 1.5,
            load: 0.2,
            unseen: 0.3,
            community: 0.46,
        }
    }
}

/// Hands the voice of a mouse to what it is given.
pub type Voices<'v> = dyn Fn(&Mouse, &mut dyn FnMut(&Voice)) + 'v;

/// A community with everything that training tells before the fit.
pub struct Design<'a> {
    /// the community
    pub community: &'a Community,
    /// what is forecast
    pub quantities: &'a Quantities,
    /// spreads of the quantities
    pub spreads: &'a [Spread],
    /// widths
    pub assumptions: Assumptions,
    shared: Vec<Parameter>,
}

/// Days of a mouse, with the sample where it is fitted and without where it is only forecast.
pub type Occasions = Vec<(u32, Option<Sample>)>;

/// How the equations of a mouse name its effects, and how its readings scatter.
pub struct Voice<'a> {
    /// the logarithm of the factor of a genus or an acid, of one with `start_` before it, of `community` or `whole` (see `effects`),
    /// as a formula of the rows; None: no such effect
    pub effect: &'a dyn Fn(&str) -> Option<String>,
    /// standard deviation of ln of a reading, by quantity and day
    pub scatter: &'a dyn Fn(usize, u32) -> Source,
    /// standard deviation of ln of a genus that is not seen on day 0, against the floor; None: as if it were seen
    pub unseen: Option<f64>,
    /// whether a reading after day 0 that lies below the floor is any value below it; else it is the floor itself
    pub censored: bool,
}

/// Bounds of every ln: a factor of e^15 either way.
const BOUND: f64 = 15.0;

/// A row whose natural logarithm is normal.
pub fn row(id: String, name: String, mean: f64, sd: f64) -> Parameter {
    Parameter {
        id,
        name: Some(name),
        unit: None,
        scale: Scale::Linear,
        lower: mean - BOUND,
        upper: mean + BOUND,
        nominal: mean,
        estimate: true,
        prior: Some(Prior::Normal { mean, sd }),
        initialization: None,
    }
}

impl<'a> Design<'a> {
    /// Sets the centres of the priors from the training mice.
    pub fn new(
        community: &'a Community,
        quantities: &'a Quantities,
        spreads: &'a [Spread],
        training: &Study,
        assumptions: Assumptions,
    ) -> Design<'a> {
        let constants = community.constants;
        let biomass = |log10: f64| log10 * LN_10 - constants.copies.ln();
        // mean log10 of a quantity, the rest being the load less the followed genera
        let first = 1 + ACIDS.len();
        let mean = |days: &dyn Fn(u32) -> bool, of: &dyn Fn(&[Option<f64>]) -> Option<f64>| {
            let samples = training
                .mice
                .iter()
                .flat_map(|mouse| &mouse.samples)
                .filter(|s| days(s.day));
            let values: Vec<f64> = samples
                .filter_map(|sample| of(&quantities.readings(training, sample)))
                .collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let level = |guild: usize, days: &dyn Fn(u32) -> bool| {
            mean(
                days,
                &|readings: &[Option<f64>]| match readings.get(first + guild) {
                    Some(value) => value.map(|v| floored(v, quantities.floor(first))),
                    None => readings[0].map(|load| {
                        let followed: f64 = readings[first..].iter().flatten().sum();
                        floored(load - followed, quantities.floor(0))
                    }),
                },
            )
        };
        let all: &dyn Fn(u32) -> bool = &|_| true;
        let start: &dyn Fn(u32) -> bool = &|day| day == 0;
        let mut shared = Vec::new();
        for (guild, id) in community.guilds.iter().enumerate() {
            let name = format!("ln start of {id} (g/l)");
            shared.push(row(
                format!("ln_start_{id}"),
                name,
                biomass(level(guild, start)),
                2.0,
            ));
        }
        for (guild, id) in community.guilds.iter().enumerate() {
            let centre = biomass(level(guild, all)) - assumptions.filling.ln();
            let name = format!("ln capacity of {id} (d g/l)");
            shared.push(row(
                format!("ln_capacity_{id}"),
                name,
                centre,
                assumptions.capacity,
            ));
        }
        for id in &community.guilds {
            for substrate in SUBSTRATES {
                let name = format!("ln maximal growth of {id} on {substrate} (1/d)");
                let (centre, mut sd) = assumptions.growth;
                if substrate == "inulin" {
                    sd = assumptions.growth_on_inulin;
                }
                shared.push(row(format!("ln_gmax_{id}_{substrate}"), name, centre, sd));
            }
        }
        // the washout of 10 g/l of biomass, twice that of inulin, as hexose
        let turnover = constants.washout * 10.0 / constants.growth_yield / 0.18016;
        for (substrate, times) in SUBSTRATES.into_iter().zip([1.0f64, 1.0, 2.0]) {
            let name = format!("ln supply of {substrate} (mmol/l/d)");
            shared.push(row(
                format!("ln_inflow_{substrate}"),
                name,
                (times * turnover).ln(),
                1.0,
            ));
        }
        for (acid, id) in ACID_IDS.into_iter().enumerate() {
            let q = 1 + acid;
            let log10 = mean(start, &|r: &[Option<f64>]| {
                r[q].map(|v| floored(v, quantities.floor(q)))
            });
            let name = format!("ln {id} on day 0, as read");
            shared.push(row(format!("ln_start_{id}"), name, log10 * LN_10, 1.0));
        }
        for id in ACID_IDS {
            shared.push(row(
                format!("ln_recovery_{id}"),
                format!("ln reading per {id} (1/(mmol/l))"),
                0.0,
                3.0,
            ));
        }
        for substrate in &SUBSTRATES[1..] {
            for id in ACID_IDS {
                let name = format!("ln {id} of {substrate}, beside that of the base");
                shared.push(row(
                    format!("ln_product_{substrate}_{id}"),
                    name,
                    0.0,
                    assumptions.product,
                ));
            }
        }
        Design {
            community,
            quantities,
            spreads,
            assumptions,
            shared,
        }
    }

    /// Number of shared parameters.
    pub fn shared(&self) -> usize {
        self.shared.len()
    }

    /// Rows of one mouse: factors of the followed genera, of the community, of the acids.
    fn own_rows(&self, mouse: &str) -> Vec<Parameter> {
        let mouse = identifier(mouse);
        let first = 1 + ACIDS.len();
        let followed = self
            .community
            .guilds
            .iter()
            .take(self.quantities.genera.len());
        let mut rows: Vec<Parameter> = followed
            .enumerate()
            .map(|(i, id)| {
                let name = format!("ln factor of {id} in {mouse}");
                row(
                    format!("of_{id}__{mouse}"),
                    name,
                    0.0,
                    self.spreads[first + i].lasting * LN_10,
                )
            })
            .collect();
        let name = format!("ln factor of the community of {mouse} on day 0");
        rows.push(row(
            format!("of_community__{mouse}"),
            name,
            0.0,
            self.assumptions.community,
        ));
        for (acid, id) in ACID_IDS.into_iter().enumerate() {
            let name = format!("ln factor of {id} in {mouse}");
            rows.push(row(
                format!("of_{id}__{mouse}"),
                name,
                0.0,
                self.spreads[1 + acid].lasting * LN_10,
            ));
        }
        rows
    }

    /// Mice as a fitting problem. With `known` the shared parameters stand still there.
    pub fn problem(
        &self,
        study: &Study,
        known: Option<&[f64]>,
        visits: &dyn Fn(&Mouse) -> Occasions,
    ) -> Result<FitProblem, Box<dyn Error>> {
        let mut rows = self.shared_rows(known);
        for mouse in &study.mice {
            rows.extend(self.own_rows(&mouse.id));
        }
        let scatter = |q: usize, day: u32| Source::Constant(self.sigma(q, day) * LN_10);
        let voice = |mouse: &Mouse, place: &mut dyn FnMut(&Voice)| {
            let own = identifier(&mouse.id);
            let known = |id: &str| {
                let beyond = id == "whole" || id.starts_with("start_");
                (!beyond).then(|| format!("of_{id}__{own}"))
            };
            place(&Voice {
                effect: &known,
                scatter: &scatter,
                unseen: Some(self.assumptions.unseen * LN_10),
                censored: false,
            });
        };
        self.assemble(study, rows, &voice, visits)
    }

    /// Rows of the shared parameters. With `known` they stand still there.
    pub fn shared_rows(&self, known: Option<&[f64]>) -> Vec<Parameter> {
        let mut rows = self.shared.clone();
        if let Some(values) = known {
            for (row, value) in rows.iter_mut().zip(values) {
                row.nominal = *value;
                row.estimate = false;
            }
        }
        rows
    }

    /// Mice as a fitting problem of any rows.
    pub fn assemble(
        &self,
        study: &Study,
        rows: Vec<Parameter>,
        voice: &Voices,
        visits: &dyn Fn(&Mouse) -> Occasions,
    ) -> Result<FitProblem, Box<dyn Error>> {
        let mut formulas = FormulaList::default();
        let mut subjects = Vec::new();
        for mouse in &study.mice {
            voice(mouse, &mut |voice| {
                let visits = visits(mouse);
                subjects.push(self.subject(study, mouse, voice, &mut formulas, &visits));
            });
        }
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let formulas = Formulas::compile(&formulas.texts, &ids)?;
        let cohort = Cohort {
            models: vec![CohortModel::new(
                self.community.system.clone(),
                self.outputs()?,
            )],
            endpoints: self.endpoints(),
            formulas: Some(formulas),
            subjects,
        };
        Ok(FitProblem {
            cohort,
            parameters: ParameterTable { rows },
        })
    }

    fn outputs(&self) -> Result<holobiont::compile::Outputs, holobiont::compile::CompileError> {
        let copies = self.community.constants.copies;
        let guilds = &self.community.guilds;
        let mut formulas = vec![(
            "load".to_string(),
            format!("{copies} * ({})", guilds.join(" + ")),
        )];
        formulas
            .extend(ACID_IDS.map(|acid| (format!("{acid}_read"), format!("recovery * {acid}"))));
        let followed = guilds.iter().take(self.quantities.genera.len());
        formulas.extend(followed.map(|id| (format!("copies_of_{id}"), format!("{copies} * {id}"))));
        formulas.push(("sd".to_string(), "sigma".to_string()));
        self.community
            .system
            .outputs(&formulas, &["recovery".to_string(), "sigma".to_string()])
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        let names = self.quantities.names();
        let count = names.len();
        let unit = |q: usize| {
            if (1..=ACIDS.len()).contains(&q) {
                "umol/g"
            } else {
                "copies/g"
            }
        };
        (names.into_iter().enumerate())
            .map(|(q, name)| Endpoint {
                id: identifier(&name),
                model: 0,
                observable: q,
                noise_parameters: vec![count],
                noise: Arc::new(LogNormal),
                unit: Some(unit(q).into()),
                name: Some(name),
            })
            .collect()
    }

    /// One mouse: registers from formulas, readings of its samples; days without a sample are only forecast.
    fn subject(
        &self,
        study: &Study,
        mouse: &Mouse,
        voice: &Voice,
        formulas: &mut FormulaList,
        samples: &[(u32, Option<Sample>)],
    ) -> Subject {
        let plus = |id: &str| (voice.effect)(id).map_or(String::new(), |text| format!(" + {text}"));
        let (community, whole) = (plus("community"), plus("whole"));
        let mut registers = Vec::new();
        let mut set = |id: &str, text: String| {
            registers.push((self.community.register(id), formulas.source(text)));
        };
        for guild in &self.community.guilds {
            let (mut factor, mut start) = (whole.clone(), String::new());
            if guild != REST {
                factor += &plus(guild);
                start = plus(&format!("start_{guild}"));
            }
            set(
                &format!("initial({guild})"),
                format!("exp(ln_start_{guild}{community}{factor}{start})"),
            );
            set(
                &format!("crowding_{guild}"),
                format!("exp(-(ln_capacity_{guild}{factor}))"),
            );
            for substrate in SUBSTRATES {
                set(
                    &format!("gmax_{guild}_{substrate}"),
                    format!("exp(ln_gmax_{guild}_{substrate})"),
                );
            }
        }
        for acid in ACID_IDS {
            set(
                &format!("initial({acid})"),
                format!(
                    "exp(ln_start_{acid} - ln_recovery_{acid}{})",
                    plus(&format!("start_{acid}"))
                ),
            );
        }
        set("inflow_base", "exp(ln_inflow_base)".to_string());
        if mouse.diet > 0 {
            let fibre = SUBSTRATES[mouse.diet];
            set(
                &format!("inflow_{fibre}"),
                format!("exp(ln_inflow_{fibre})"),
            );
            let rate = self.community.constants.conversion;
            for acid in ACID_IDS {
                let id = format!("conversion_{fibre}_{acid}");
                set(&id, format!("{rate} * exp(ln_product_{fibre}_{acid})"));
            }
        }
        let half = self.community.constants.half_saturation;
        for (substrate, value) in SUBSTRATES.into_iter().zip([half, 0.0, 0.0]) {
            registers.push((
                self.community.register(&format!("initial({substrate})")),
                Source::Constant(value),
            ));
        }
        let recoveries =
            ACID_IDS.map(|acid| formulas.source(format!("exp(ln_recovery_{acid}{})", plus(acid))));

        let mut visits = Vec::new();
        for (day, sample) in samples {
            let readings = match sample {
                Some(sample) => self.quantities.readings(study, sample),
                None => vec![Some(0.0); self.quantities.len()],
            };
            for (q, value) in readings.into_iter().enumerate() {
                let Some(value) = value else { continue };
                let floor = self.quantities.floor(q);
                // an unseen genus of day 0 may be anywhere below the floor; later the score asks for the floor itself
                let scatter = (voice.scatter)(q, *day);
                let (reading, sigma) = match value > floor {
                    true => (Reading::Value(value), scatter),
                    false if *day == 0 => {
                        let unseen = voice.unseen.map_or(scatter, Source::Constant);
                        (Reading::Below(floor), unseen)
                    }
                    false if voice.censored => (Reading::Below(floor), scatter),
                    false => (Reading::Value(floor), scatter),
                };
                let mut placeholders = vec![(1, sigma)];
                if let Some(recovery) = q.checked_sub(1).and_then(|acid| recoveries.get(acid)) {
                    placeholders.push((0, *recovery));
                }
                visits.push(Visit {
                    time: f64::from(*day),
                    endpoint: q,
                    reading,
                    placeholders,
                    row: 0,
                });
            }
        }
        Subject {
            id: mouse.id.clone(),
            model: 0,
            schedule: Schedule::default(),
            registers,
            visits,
        }
    }

    /// Standard deviation of log10 of a reading.
    fn sigma(&self, q: usize, day: u32) -> f64 {
        match (day, q) {
            (0, 0) => self.assumptions.load,
            (0, _) => self.spreads[q].passing,
            _ => self.spreads[q].within * self.assumptions.tempering,
        }
    }

    /// Forecasts of all subjects of a problem at natural values, visits grouped by day; `None` where the solve failed.
    pub fn forecasts(
        &self,
        problem: &FitProblem,
        natural: &Natural,
        options: &holobiont::fit::ObjectiveOptions,
    ) -> Vec<Option<Forecast>> {
        let simulations = problem
            .cohort
            .simulate(&natural.0, &options.method, &options.tolerances);
        (simulations.iter().zip(&problem.cohort.subjects))
            .map(|(simulation, subject)| {
                (simulation.status == Status::Finished).then(|| {
                    let mut forecast = Forecast::new();
                    for (prediction, visit) in simulation.predictions.iter().zip(&subject.visits) {
                        let day = forecast.entry(visit.time as u32);
                        let values = day.or_insert_with(|| vec![f64::NAN; self.quantities.len()]);
                        values[visit.endpoint] = prediction.arguments[0];
                    }
                    forecast
                })
            })
            .collect()
    }
}

/// Formulas of the cohort, each once.
#[derive(Default)]
struct FormulaList {
    texts: Vec<String>,
    known: HashMap<String, usize>,
}

impl FormulaList {
    fn source(&mut self, text: String) -> Source {
        let next = self.texts.len();
        let index = *self.known.entry(text.clone()).or_insert(next);
        if index == next {
            self.texts.push(text);
        }
        Source::Formula(index)
    }
}
