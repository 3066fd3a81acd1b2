//! A readable listing of what was compiled: equations, counts, modes, inputs, elimination order, operations by name.
use std::fmt::Write;

use super::system::System;
use super::tape::{Op, Tape};

/// Characters of a formula before it is cut: parts that are shared are written wherever they occur.
const LONGEST: usize = 20_000;

/// Tapes longer than this are counted, not listed.
const LONGEST_LISTING: usize = 400;

pub(super) fn explain(system: &System) -> String {
    let mut text = String::new();
    // writing to a String cannot fail
    let _ = write(system, &mut text);
    text
}

fn write(system: &System, text: &mut String) -> std::fmt::Result {
    let graph = &system.equations.graph;
    let unit = |unit: Option<&str>| unit.map_or_else(String::new, |unit| format!(" [{unit}]"));
    writeln!(text, "system {}{}", system.id(), unit(system.time_unit()))?;
    writeln!(
        text,
        "{} states, {} parameters, {} inputs, {} modes, {} observables, {} events",
        system.state_ids().len(),
        system.parameter_ids().len(),
        system.input_ids().len(),
        system.mode_count(),
        system.observable_ids().len(),
        system.event_ids().len()
    )?;

    writeln!(text, "\nequations")?;
    for state in &system.equations.states {
        let left = if state.mass == 0.0 {
            "0".into()
        } else {
            format!("d {}/dt", state.id)
        };
        writeln!(
            text,
            "  {left} = {}",
            graph.text_shortened(state.right_hand_side, LONGEST)
        )?;
        writeln!(
            text,
            "    {}(start) = {}{}",
            state.id,
            graph.text_shortened(state.initial, LONGEST),
            unit(state.unit.as_deref())
        )?;
    }
    if !system.relations.is_empty() {
        writeln!(text, "\nmodes (frozen during a step)")?;
        for (k, &e) in system.relations.iter().enumerate() {
            writeln!(text, "  mode{k} = {}", graph.text_shortened(e, LONGEST))?;
        }
    }
    if !system.inputs().is_empty() {
        writeln!(text, "\ninputs")?;
        for input in system.inputs() {
            let kind = format!("{:?}", input.kind).to_lowercase();
            writeln!(
                text,
                "  {}{}: {kind}, {} knots",
                input.id,
                unit(input.unit.as_deref()),
                input.knots.len()
            )?;
        }
    }

    let tapes = [
        ("f", &system.tapes.right_hand_side),
        ("f, J and df/dt", &system.tapes.jacobian),
        ("initial values", &system.tapes.initial),
        ("conditions and triggers", &system.tapes.conditions),
    ];
    let program = &system.program;
    writeln!(text, "\noperations")?;
    for (name, tape) in tapes {
        writeln!(text, "  {name}: {}", tape.ops.len())?;
    }
    writeln!(
        text,
        "  once per parameter set: {} ({} values kept); constants: {}; registers: {}",
        program.prologue.len(),
        program.hoisted,
        program.constants.len(),
        program.end
    )?;

    let n = system.state_ids().len();
    write!(
        text,
        "\nlinear algebra\n  J: {} of {} entries",
        system.jacobian_pattern().len(),
        n * n
    )?;
    match system.lu.counts() {
        Some((entries, fill)) => {
            writeln!(text, "; LU: {entries} entries, {fill} filled in")?;
            let pivots: Vec<String> = system
                .lu
                .pivots()
                .into_iter()
                .map(|(row, column)| {
                    let (row, column) = (&system.state_ids()[row], &system.state_ids()[column]);
                    if row == column {
                        column.clone()
                    } else {
                        format!("{column} (equation of {row})")
                    }
                })
                .collect();
            writeln!(text, "  eliminated in the order {}", pivots.join(", "))?;
        }
        None => writeln!(text, "; the iteration matrix is structurally singular")?,
    }

    listing(system, text, "once per parameter set", &program.prologue)?;
    listing(system, text, "f", &system.tapes.right_hand_side.ops)?;
    results(
        system,
        text,
        &system.tapes.right_hand_side,
        system.state_ids(),
    )?;
    listing(
        system,
        text,
        "conditions and triggers",
        &system.tapes.conditions.ops,
    )
}

/// The name of a register: quantities by id, constants by value, hoisted values h.., temporaries r...
fn name(system: &System, register: u32) -> String {
    let (register, program) = (register as usize, &system.program);
    let hoisted = program.first + program.constants.len();
    let temporary = hoisted + program.hoisted;
    if register < program.first {
        system.layout.describe(
            register,
            system.state_ids(),
            system.parameter_ids(),
            system.input_ids(),
        )
    } else if register < hoisted {
        format!("{}", program.constants[register - program.first])
    } else if register < temporary {
        format!("h{}", register - hoisted)
    } else {
        format!("r{}", register - temporary)
    }
}

fn listing(system: &System, text: &mut String, title: &str, ops: &[Op]) -> std::fmt::Result {
    if ops.is_empty() {
        return Ok(());
    }
    writeln!(text, "\ntape: {title}")?;
    for op in ops.iter().take(LONGEST_LISTING) {
        let operands: Vec<String> = [op.a, op.b, op.c][..op.code.arity()]
            .iter()
            .map(|&register| name(system, register))
            .collect();
        writeln!(
            text,
            "  {} = {} {}",
            name(system, op.to),
            op.code.name(),
            operands.join(", ")
        )?;
    }
    if ops.len() > LONGEST_LISTING {
        writeln!(text, "  ... {} more", ops.len() - LONGEST_LISTING)?;
    }
    Ok(())
}

fn results(system: &System, text: &mut String, tape: &Tape, ids: &[String]) -> std::fmt::Result {
    for (id, &register) in ids.iter().zip(&tape.outputs) {
        writeln!(text, "  f({id}) = {}", name(system, register))?;
    }
    Ok(())
}
