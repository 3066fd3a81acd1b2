//! Linear systems by their matrix exponential: exact steps of any length, with exact derivatives.
//!
//! Between the stops of a schedule the rates are $A y + b$ with constant $A$ and $b$ ([`System::is_linear`]); with the quantity 1
//! added, $\dot x = M x$ ([`flow`]). $A$ and $b$ are read from the tapes at unit states, their derivatives along the directions
//! from those of $\partial f/\partial p$.
mod flow;

use super::block::{Attempt, Block, Stepper};
use super::{Cause, Statistics};
use crate::compile::{Sensitivity, System};
use crate::lanes::{Lane, Registers};
use flow::Flow;
use nalgebra::DMatrix;

/// The flows of W lanes.
pub(super) struct MatrixExponential<const W: usize> {
    n: usize,
    flows: [Option<Flow>; W],
    unit: Registers<W>,
    rates: Vec<Lane<W>>,
    jacobian: Vec<Lane<W>>,
    by_register: Vec<Lane<W>>,
    out: Vec<f64>,
}

impl<const W: usize> MatrixExponential<W> {
    /// A and b of all lanes at unit states, and along the directions of the lanes that are marked.
    fn read(&mut self, block: &mut Block<W>, fresh: &[bool; W]) {
        let (n, system) = (self.n, block.system);
        let directions = block.directions;
        // unit states as large as what flows in, so that differences keep their digits; of each lane its own, so that nobody's bits
        // depend on who is beside
        let mut size = [1.0f64; W];
        let mut matrices: [Option<Vec<DMatrix<f64>>>; W] = std::array::from_fn(|lane| {
            fresh[lane].then(|| vec![DMatrix::zeros(n + 1, n + 1); 1 + directions])
        });
        // the constant part first
        for column in std::iter::once(n).chain(0..n) {
            for (i, unit) in self.unit.iter_mut().enumerate() {
                *unit = Lane(size.map(|size| if i == column { size } else { 0.0 }));
            }
            system.rhs(&mut block.workspace, &block.t, &self.unit, &mut self.rates);
            if column == n {
                for (lane, size) in size.iter_mut().enumerate() {
                    let rates = self.rates.iter().map(|r| r.0[lane].abs());
                    let most = rates.filter(|v| v.is_finite()).fold(1.0f64, f64::max);
                    *size = f64::from_bits(most.to_bits() & !((1 << 52) - 1));
                }
            }
            let scale = size.map(|size| if column == n { 1.0 } else { 1.0 / size });
            for lane in (0..W).filter(|&lane| fresh[lane]) {
                if let Some(all) = &mut matrices[lane] {
                    for i in 0..n {
                        let constant = if column == n { 0.0 } else { all[0][(i, n)] };
                        all[0][(i, column)] = (self.rates[i].0[lane] - constant) * scale[lane];
                    }
                }
            }
            let Some(tapes) = block.tapes.clone().filter(|_| directions > 0) else {
                continue;
            };
            tapes.jacobian_parameters(
                system,
                &mut block.workspace,
                &block.t,
                &self.unit,
                &mut self.jacobian,
                &mut self.by_register,
            );
            for lane in (0..W).filter(|&lane| fresh[lane]) {
                for j in 0..directions {
                    self.out.fill(0.0);
                    block.add_direct(&mut self.out, lane, j, &self.by_register);
                    if let Some(all) = &mut matrices[lane] {
                        for i in 0..n {
                            let constant = if column == n { 0.0 } else { all[1 + j][(i, n)] };
                            all[1 + j][(i, column)] = (self.out[i] - constant) * scale[lane];
                        }
                    }
                }
            }
        }
        for (flow, all) in self.flows.iter_mut().zip(matrices) {
            let Some(all) = all else { continue };
            // without anything that flows in, the constant quantity is left out
            let driven = all.iter().any(|m| m.column(n).iter().any(|v| *v != 0.0));
            let size = if driven { n + 1 } else { n };
            let cut = |m: &DMatrix<f64>| m.view((0, 0), (size, size)).into_owned();
            let moving = |m: &DMatrix<f64>| m.iter().any(|v| *v != 0.0).then(|| cut(m));
            *flow = Some(Flow::new(
                cut(&all[0]),
                all[1..].iter().map(moving).collect(),
            ));
        }
    }
}

impl<const W: usize> Stepper<W> for MatrixExponential<W> {
    const INTERPOLATES: bool = true;

    fn new(system: &System, tapes: Option<&Sensitivity>, _directions: usize) -> Self {
        let n = system.state_ids().len();
        let registers = tapes.map_or(0, |tapes| tapes.pattern().len());
        MatrixExponential {
            n,
            flows: std::array::from_fn(|_| None),
            unit: Registers::new(n),
            rates: vec![Lane::ZERO; n],
            jacobian: vec![Lane::ZERO; system.jacobian_pattern().len()],
            by_register: vec![Lane::ZERO; registers],
            out: vec![0.0; n],
        }
    }

    fn prepare(&mut self, block: &mut Block<W>, fresh: &[bool; W]) {
        if fresh.contains(&true) {
            self.read(block, fresh);
        }
        let n = self.n;
        for (lane, flow) in self.flows.iter_mut().enumerate() {
            let Some(flow) = flow else { continue };
            flow.begin(|i| if i < n { block.y[i].0[lane] } else { 1.0 });
            for j in 0..block.directions {
                flow.begin_direction(j, |i| {
                    if i < n {
                        block.s[block.at(lane, i, j)]
                    } else {
                        0.0
                    }
                });
            }
        }
    }

    fn first_step(&self, _block: &Block<W>, lane: usize, longest: f64) -> Option<f64> {
        let rate = self.flows[lane].as_ref()?.rate();
        if longest.is_finite() {
            return Some(longest);
        }
        rate.is_finite().then(|| 1.0 / rate.max(f64::MIN_POSITIVE))
    }

    fn not_finite(&self, _block: &Block<W>, lane: usize) -> Option<usize> {
        self.was_not_finite(lane)
    }

    fn was_not_finite(&self, lane: usize) -> Option<usize> {
        let rate = self.flows[lane].as_ref()?.rate();
        (!rate.is_finite()).then_some(0)
    }

    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W] {
        std::array::from_fn(|lane| {
            let Some(flow) = &self.flows[lane] else {
                return Attempt::Failed(Cause::NonFinite { what: None });
            };
            flow.at(block.h.0[lane], &mut self.out);
            for (to, value) in block.y1.iter_mut().zip(&self.out) {
                to.0[lane] = *value;
            }
            Attempt::Tried(0.0)
        })
    }

    fn sensitivities(&mut self, block: &mut Block<W>, lanes: &[bool; W]) {
        for lane in (0..W).filter(|&lane| lanes[lane]) {
            let Some(flow) = &self.flows[lane] else {
                continue;
            };
            for j in 0..block.directions {
                flow.direction_at(j, block.h.0[lane], &mut self.out);
                for (i, value) in self.out.iter().enumerate() {
                    let at = block.at(lane, i, j);
                    block.s1[at] = *value;
                }
            }
        }
    }

    fn sensitivity_error(&mut self, _block: &Block<W>, _lane: usize) -> f64 {
        0.0
    }

    fn interpolate(&mut self, block: &mut Block<W>, lane: usize, theta: f64, out: &mut [f64]) {
        match &self.flows[lane] {
            Some(flow) => flow.at(theta * block.h.0[lane], out),
            None => out.fill(f64::NAN),
        }
    }

    fn interpolate_sensitivity(
        &self,
        block: &Block<W>,
        lane: usize,
        direction: usize,
        theta: f64,
        out: &mut [f64],
    ) {
        match &self.flows[lane] {
            Some(flow) => flow.direction_at(direction, theta * block.h.0[lane], out),
            None => out.fill(f64::NAN),
        }
    }

    fn commit(&mut self, _lanes: &[bool; W]) {}

    fn work(&self) -> Statistics {
        Statistics::default()
    }

    fn bytes(&self) -> usize {
        let entries = self
            .flows
            .iter()
            .flatten()
            .map(|f| f.len() * f.len())
            .sum::<usize>();
        self.unit.bytes() + entries * size_of::<f64>()
    }
}
