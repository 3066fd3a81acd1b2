//! How forecasts are scored: RMSE of log10 beside four simple forecasts, and the presence of genera.
//!
//! A cell is a reading after day 0 of a test mouse whose diet and day occur in training. Readings and forecasts below the floor
//! count as the floor. The simple forecasts of a quantity, all of log10 and floored alike:
//!
//! | name | forecast |
//! |---|---|
//! | carry | the mouse's own reading of day 0 |
//! | mean | mean of the training mice of the same diet and day |
//! | change | own reading of day 0, plus that mean less the mean of the same training mice on day 0 |
//! | average | mean of *mean* and *change* |
use super::tables::{ACIDS, DIETS, Mouse, Sample, Study};
use std::collections::{BTreeMap, BTreeSet};

/// Copies below which a reading counts as this.
pub const COPIES_FLOOR: f64 = 1e5;
/// Acid below which a reading counts as this, in the unit of the tables.
pub const ACID_FLOOR: f64 = 1e-2;
/// Genera that are followed.
pub const FOLLOWED: usize = 12;

/// What is forecast: the load, three acids, and the genera with the most copies in training.
#[derive(Clone, Debug)]
pub struct Quantities {
    /// names of the genera that are followed
    pub genera: Vec<String>,
}

impl Quantities {
    /// The genera with the largest mean copies over all samples; the first by name where two are alike.
    pub fn of(training: &Study) -> Quantities {
        let samples = || training.mice.iter().flat_map(|mouse| &mouse.samples);
        let total = |genus: usize| {
            samples()
                .filter_map(|s| s.genera.as_ref())
                .map(|g| g[genus])
                .sum::<f64>()
        };
        let mut order: Vec<(f64, &String)> = training
            .genera
            .iter()
            .enumerate()
            .map(|(i, name)| (total(i), name))
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Quantities {
            genera: order
                .into_iter()
                .take(FOLLOWED)
                .map(|(_, name)| name.clone())
                .collect(),
        }
    }

    /// Names: `load`, the acids, the genera.
    pub fn names(&self) -> Vec<String> {
        let acids = ACIDS.iter().map(|acid| acid.to_string());
        std::iter::once("load".to_string())
            .chain(acids)
            .chain(self.genera.iter().cloned())
            .collect()
    }

    /// Number of quantities.
    pub fn len(&self) -> usize {
        1 + ACIDS.len() + self.genera.len()
    }

    /// The lowest reading that counts.
    pub fn floor(&self, quantity: usize) -> f64 {
        if (1..=ACIDS.len()).contains(&quantity) {
            ACID_FLOOR
        } else {
            COPIES_FLOOR
        }
    }

    /// Readings of a sample; a genus that the study's table lacks reads 0.
    pub fn readings(&self, study: &Study, sample: &Sample) -> Vec<Option<f64>> {
        let mut values = vec![sample.load];
        values.extend((0..ACIDS.len()).map(|acid| sample.acids.map(|acids| acids[acid])));
        values.extend(self.genera.iter().map(|name| {
            let column = study.genera.iter().position(|known| known == name);
            sample
                .genera
                .as_ref()
                .map(|copies| column.map_or(0.0, |column| copies[column]))
        }));
        values
    }
}

/// log10 with a floor.
pub fn floored(value: f64, floor: f64) -> f64 {
    value.max(floor).log10()
}

/// Means of log10 readings of the training mice, by diet and day.
struct Means(BTreeMap<(usize, u32), Vec<Option<f64>>>);

impl Means {
    fn of(quantities: &Quantities, training: &Study, factor: f64) -> Means {
        let mut sums: BTreeMap<(usize, u32), Vec<(f64, usize)>> = BTreeMap::new();
        for mouse in &training.mice {
            for sample in &mouse.samples {
                let sums = sums
                    .entry((mouse.diet, sample.day))
                    .or_insert_with(|| vec![(0.0, 0); quantities.len()]);
                for (q, value) in quantities
                    .readings(training, sample)
                    .into_iter()
                    .enumerate()
                {
                    if let Some(value) = value {
                        sums[q].0 += floored(value, factor * quantities.floor(q));
                        sums[q].1 += 1;
                    }
                }
            }
        }
        let mean = |(sum, count): (f64, usize)| (count > 0).then(|| sum / count as f64);
        Means(
            sums.into_iter()
                .map(|(key, sums)| (key, sums.into_iter().map(mean).collect()))
                .collect(),
        )
    }

    fn get(&self, diet: usize, day: u32, quantity: usize) -> Option<f64> {
        self.0.get(&(diet, day)).and_then(|means| means[quantity])
    }
}

/// A forecast of one mouse: for each day all quantities, as the tables measure them.
pub type Forecast = BTreeMap<u32, Vec<f64>>;

/// RMSE of the model and of the simple forecasts of one group of quantities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// model, carry, mean, change, average
    pub rmse: [f64; 5],
    /// number of cells
    pub cells: usize,
}

/// The groups of quantities that are scored together.
pub const GROUPS: [&str; 3] = ["load", "scfa", "genera"];

/// The group of a quantity.
pub fn group(quantity: usize) -> usize {
    match quantity {
        0 => 0,
        q if q <= ACIDS.len() => 1,
        _ => 2,
    }
}

/// What is scored against what.
#[derive(Clone, Copy)]
pub struct Scoring<'a> {
    /// what is forecast
    pub quantities: &'a Quantities,
    /// the mice that were fitted
    pub training: &'a Study,
    /// the mice that were forecast
    pub test: &'a Study,
    /// one forecast a test mouse
    pub forecasts: &'a [Forecast],
}

impl Scoring<'_> {
    /// Calls `visit(mouse, sample, quantity, reading)` for every cell.
    fn cells(&self, mut visit: impl FnMut(usize, &Sample, usize, f64)) {
        let known = |diet: usize, day: u32| {
            let of_diet = self.training.mice.iter().filter(|mouse| mouse.diet == diet);
            of_diet
                .flat_map(|mouse| &mouse.samples)
                .any(|sample| sample.day == day)
        };
        for (index, mouse) in self.test.mice.iter().enumerate() {
            for sample in mouse
                .samples
                .iter()
                .filter(|s| s.day > 0 && known(mouse.diet, s.day))
            {
                for (q, value) in self
                    .quantities
                    .readings(self.test, sample)
                    .into_iter()
                    .enumerate()
                {
                    if let Some(value) = value {
                        visit(index, sample, q, value);
                    }
                }
            }
        }
    }

    /// RMSE by group. The floors are `factor` times the usual ones; with `detected` only readings above the usual floor count.
    pub fn rmse(&self, factor: f64, detected: bool) -> [Row; 3] {
        let means = Means::of(self.quantities, self.training, factor);
        let mut sums = [([0.0; 5], 0usize); 3];
        self.cells(|index, sample, q, value| {
            if detected && value <= self.quantities.floor(q) {
                return;
            }
            let mouse = &self.test.mice[index];
            let floor = factor * self.quantities.floor(q);
            let observed = floored(value, floor);
            let simple = self.simple(&means, mouse, sample.day, q, floor);
            let model = floored(self.forecasts[index][&sample.day][q], floor);
            let (sums, count) = &mut sums[group(q)];
            for (sum, forecast) in sums.iter_mut().zip(std::iter::once(model).chain(simple)) {
                *sum += (forecast - observed).powi(2);
            }
            *count += 1;
        });
        sums.map(|(sums, cells)| Row {
            rmse: sums.map(|sum| (sum / cells as f64).sqrt()),
            cells,
        })
    }

    /// carry, mean, change, average. Where the mouse has no reading on day 0 all are the mean.
    fn simple(&self, means: &Means, mouse: &Mouse, day: u32, q: usize, floor: f64) -> [f64; 4] {
        let start = self.quantities.readings(self.test, mouse.start())[q]
            .map(|value| floored(value, floor));
        let mean = means
            .get(mouse.diet, day, q)
            .or(start)
            .unwrap_or(floor.log10());
        let before = means.get(mouse.diet, 0, q).unwrap_or(mean);
        let carry = start.unwrap_or(mean);
        let change = start.map_or(mean, |start| start + mean - before);
        [carry, mean, change, 0.5 * (mean + change)]
    }

    /// Mean logarithmic score of the presence of genera (higher is better): of the model, whose forecast of log10 has the standard
    /// deviation `sd` of its genus, and of the share of training mice of the same diet and day in which it was found.
    pub fn presence(&self, sd: &[f64]) -> [f64; 2] {
        let (mut sums, mut count) = ([0.0; 2], 0usize);
        let first = 1 + ACIDS.len();
        self.cells(|index, sample, q, value| {
            if q < first {
                return;
            }
            let (floor, diet) = (self.quantities.floor(q), self.test.mice[index].diet);
            let distance =
                (self.forecasts[index][&sample.day][q].max(1e-300) / floor).log10() / sd[q - first];
            let (mut seen, mut all) = (0.5, 1.0);
            for mouse in self.training.mice.iter().filter(|mouse| mouse.diet == diet) {
                for sample in mouse.samples.iter().filter(|s| s.day == sample.day) {
                    if let Some(value) = self.quantities.readings(self.training, sample)[q] {
                        seen += f64::from(u8::from(value > floor));
                        all += 1.0;
                    }
                }
            }
            let present = value > floor;
            let side = if present { 1.0 } else { -1.0 };
            sums[0] += holobiont::noise::ln_normal_cdf(side * distance);
            sums[1] += if present {
                seen / all
            } else {
                1.0 - seen / all
            }
            .ln();
            count += 1;
        });
        sums.map(|sum| sum / count as f64)
    }

    /// All scored readings as CSV: mouse, day, quantity, observed, predicted, as the tables measure them, and the limits of 90 %
    /// intervals where there are any.
    pub fn table(&self, limits: Option<[&[Forecast]; 2]>) -> String {
        let names = self.quantities.names();
        let mut text = String::from("mouse,day,quantity,observed,predicted");
        text += if limits.is_some() {
            ",lower,upper\n"
        } else {
            "\n"
        };
        self.cells(|index, sample, q, value| {
            let predicted = self.forecasts[index][&sample.day][q];
            let mouse = &self.test.mice[index].id;
            text += &format!("{mouse},{},{},{value},{predicted}", sample.day, names[q]);
            for limit in limits.iter().flatten() {
                text += &format!(",{}", limit[index][&sample.day][q]);
            }
            text.push('\n');
        });
        text
    }

    /// Share of readings within limits, of mice of one vendor or of all, each mouse's mean over its readings first: load, acids,
    /// genera, all. Readings below the floor lie within limits that reach it.
    pub fn coverage(&self, limits: [&[Forecast]; 2], vendor: Option<&str>) -> [f64; 4] {
        let mut counts = vec![[(0usize, 0usize); 4]; self.test.mice.len()];
        self.cells(|index, sample, q, value| {
            if vendor.is_some_and(|vendor| vendor != self.test.mice[index].vendor) {
                return;
            }
            let value = value.max(self.quantities.floor(q));
            let [low, high] = limits.map(|limit| limit[index][&sample.day][q]);
            let within = usize::from(low <= value && value <= high);
            for slot in [group(q), 3] {
                let (covered, all) = &mut counts[index][slot];
                *covered += within;
                *all += 1;
            }
        });
        std::array::from_fn(|slot| {
            let mice = counts.iter().map(|counts| counts[slot]);
            let shares: Vec<f64> = mice
                .filter(|(_, all)| *all > 0)
                .map(|(covered, all)| covered as f64 / all as f64)
                .collect();
            shares.iter().sum::<f64>() / shares.len() as f64
        })
    }

    /// Days after day 0 of each diet of the training: those that are forecast.
    pub fn days(training: &Study) -> Vec<Vec<u32>> {
        let of_diet = |diet: usize| {
            let mice = training.mice.iter().filter(|mouse| mouse.diet == diet);
            let days = mice.flat_map(|mouse| mouse.samples.iter().map(|sample| sample.day));
            let days: BTreeSet<u32> = days.filter(|day| *day > 0).collect();
            days.into_iter().collect()
        };
        (0..DIETS.len()).map(of_diet).collect()
    }
}
