//! Profiles as one page: verdicts, intervals, what no data of the design can tell, a picture each, provenance.
use super::{
    figures::Figures,
    page::{Page, Section},
    parameters::scale,
    provenance::file_table,
    text::{count, decimal, names, stop, unit},
};
use crate::{
    fit::{
        Combination, End, ObjectiveKind, Profiled, Profiles, RankPoint, RankPointKind, Scale,
        Verdict,
    },
    report::{
        axes::short_number,
        draw::DrawError,
        profile::{interval_text, movers, profile_figure, verdict_text},
        sources::Sources,
    },
};
use maud::{Markup, html};

/// Names in a sentence; the tables have all.
const NAMES: usize = 12;

/// Profiles as one page that opens without a network. `sources` adds the files with their digests, `date` is printed as it
/// stands; all else is the same for the same profiles.
///
/// # Errors
/// When a picture cannot be drawn.
pub fn profile_page(
    profiles: &Profiles,
    sources: Option<&Sources>,
    date: Option<&str>,
) -> Result<String, DrawError> {
    let figures = &mut Figures::default();
    let model = sources.and_then(|s| s.model.as_ref());
    let name = model
        .and_then(|m| m.network.name.as_deref())
        .unwrap_or(&profiles.provenance.model);
    let sections = vec![
        Section::new("summary", "Summary", summary(profiles)),
        Section::new("intervals", "Intervals", intervals(profiles)),
        Section::new(
            "structure",
            "What no such data can tell",
            structure(profiles),
        ),
        Section::new("profiles", "Profiles", pictures(profiles, figures)?),
        Section::new("provenance", "Provenance", provenance(profiles, sources)),
    ];
    Ok(Page {
        title: format!("{name}: profile likelihoods"),
        head: html! {
            p.kind { "Profile likelihoods" }
            h1 { (name) }
            @if let Some(file) = sources.and_then(|s| s.files.first()) {
                p.subtitle { "Problem " code { (file.name) } }
            }
        },
        sections,
        date,
    }
    .render())
}

fn percent(profiles: &Profiles) -> String {
    short_number((profiles.level * 1e4).round() / 100.0)
}

fn summary(profiles: &Profiles) -> Markup {
    let warnings = warnings(profiles);
    let ids = |wanted: fn(&Verdict) -> bool| -> Vec<&str> {
        (profiles.parameters.iter())
            .filter(|p| wanted(&p.verdict))
            .map(|p| p.id.as_str())
            .collect()
    };
    let groups = [
        ("identified", ids(|v| matches!(v, Verdict::Identified))),
        (
            "practically not identifiable",
            ids(|v| matches!(v, Verdict::PracticallyNot { .. })),
        ),
        (
            "structurally not identifiable",
            ids(|v| matches!(v, Verdict::StructurallyNot { .. })),
        ),
        (
            "told by priors alone",
            ids(|v| matches!(v, Verdict::ByPriorAlone { .. })),
        ),
        ("undecided", ids(|v| matches!(v, Verdict::Undecided))),
    ];
    let kind = match profiles.objective {
        ObjectiveKind::Likelihood => "the likelihood of the readings (no priors)",
        ObjectiveKind::Posterior => {
            "the posterior: likelihood times the priors of the parameters that have one"
        }
    };
    html! {
        @if !warnings.is_empty() {
            div.warnings role="note" {
                h3 { (count(warnings.len(), "warning")) }
                ul { @for warning in &warnings { li { (warning) } } }
            }
        }
        ul {
            @for (what, ids) in groups.iter().filter(|g| !g.1.is_empty()) {
                li { b { (ids.len()) " " (what) } ": " (names(ids, NAMES)) }
            }
        }
        p {
            "Each parameter was moved away from its best value in both directions while all others were optimised anew, until −ln p had risen by "
            (decimal(profiles.threshold)) " (half the " (percent(profiles)) "\u{a0}% quantile of chi-squared with one degree of freedom) or the parameter's bound was met. Profiled is "
            (kind) ". The best point has −ln p = " (decimal(profiles.best.objective)) "."
        }
    }
}

fn warnings(profiles: &Profiles) -> Vec<Markup> {
    let mut found = Vec::new();
    if !profiles.unfinished.is_empty() {
        let ids: Vec<&str> = profiles.unfinished.iter().map(String::as_str).collect();
        found.push(
            html! { "Interrupted before these profiles were finished: " (names(&ids, NAMES)) "." },
        );
    }
    for better in &profiles.improvements {
        found.push(html! {
            "The profile of " code { (better.parameter) } " found a better optimum at " (short_number(better.value))
            ": −ln p fell from " (decimal(better.before)) " to " (decimal(better.after))
            ". All profiles began anew from there: the fit that they came from had not found the best values."
        });
    }
    if !profiles.settled {
        found.push(html! { "Profiles still fall below the best point after all restarts: the best values are not known, and no interval can be trusted." });
    }
    if !profiles.is_best_optimal() {
        found.push(html! { "The search for the best point did not converge: " (stop(&profiles.best.stop)) "." });
    }
    for one in &profiles.parameters {
        for (side, end) in [
            ("downwards", &one.profile.lower),
            ("upwards", &one.profile.upper),
        ] {
            match end {
                End::Infeasible { tried, why, .. } => found.push(html! {
                    "The profile of " code { (one.id) } " ends " (side) " at " (short_number(one.scale.natural(*tried).value))
                    " because nothing has a value beyond (" (why) "). That is no rise: the interval is not known there."
                }),
                End::Unconverged { tried, stop: why, .. } => found.push(html! {
                    "The profile of " code { (one.id) } " ends " (side) " at " (short_number(one.scale.natural(*tried).value))
                    " because the search for the others did not converge: " (stop(why)) "."
                }),
                End::Crossed { held, limited: true, .. }
                    if !matches!(one.verdict, Verdict::StructurallyNot { .. }) =>
                {
                    let ids: Vec<&str> = held.iter().map(|h| profiles.entries[*h].as_str()).collect();
                    found.push(html! {
                        "The profile of " code { (one.id) } " crosses the threshold " (side) " only because of the bounds of " (names(&ids, NAMES))
                        ": without them the interval would be more than twice as long on this side. It counts as open."
                    });
                }
                _ => {}
            }
        }
    }
    if !profiles.structure.decided {
        found.push(html! { "Whether parameters are structurally identifiable could not be looked at: no random point had a solution and a clear rank." });
    }
    found
}

fn intervals(profiles: &Profiles) -> Markup {
    let bound = |b: Option<f64>| b.map_or_else(|| "none".to_owned(), short_number);
    html! {
        div.table { table {
            thead { tr {
                th { "parameter" } th.n { "estimate" } th.n { (percent(profiles)) "\u{a0}% interval" } th { "unit" } th { "verdict" }
                th { "scale" } th.n { "bounds" } th.n { "points" }
            } }
            tbody {
                @for one in &profiles.parameters {
                    tr {
                        td { a href={ "#profile-" (one.id) } { code { (one.id) } } @if let Some(name) = &one.name { span.name { (name) } } }
                        td.n { (short_number(one.estimate)) }
                        td.n { (interval_text(one)) }
                        td { (unit(one.unit.as_deref())) }
                        td { @if one.verdict == Verdict::Identified { "identified" } @else { span.flag style="white-space:normal" { (verdict_text(profiles, one)) } } }
                        td { (scale(one.scale)) }
                        td.n { (bound(one.bounds.0)) " to " (bound(one.bounds.1)) }
                        td.n { (one.profile.points.len()) }
                    }
                }
            }
        } }
    }
}

fn structure(profiles: &Profiles) -> Markup {
    let structure = &profiles.structure;
    let options = &profiles.provenance.options.structure;
    let random = structure.points.len().saturating_sub(1);
    html! {
        p {
            "The sensitivities of all readings, in units of their noise, were decomposed at the best point and at " (count(random, "random point"))
            " within the bounds (seed " (options.seed) "). A parameter that takes part in their null space at every point cannot be told by any readings of this design: other values of the combination give the same predictions. "
            "Singular values below " (short_number(options.threshold)) " of columns of length 1 count as zero where the next larger is "
            (short_number(options.gap)) " times as large."
        }
        @if structure.combinations.is_empty() {
            @if structure.decided { p.fine { "All " (count(structure.parameters, "estimated parameter")) " can be told by such readings: no combination stays open at every point." } }
        } @else {
            ul { @for combination in &structure.combinations { li { (open(profiles, combination)) } } }
        }
        div.table { table {
            thead { tr { th { "point" } th.n { "rank" } th.n { "smallest singular values" } th { "" } } }
            tbody { @for point in &structure.points { (rank_row(structure.parameters, point)) } }
        } }
    }
}

/// A combination: its members and how they move.
fn open(profiles: &Profiles, combination: &Combination) -> Markup {
    let ids: Vec<&str> = combination.parameters.iter().map(String::as_str).collect();
    let logarithmic = |id: &str| {
        let own = profiles.of(id).map(|p| p.scale);
        matches!(own, Some(Scale::Log | Scale::Log10))
    };
    html! {
        (names(&ids, 40))
        @if ids.len() == 1 { ": no reading depends on it." }
        @else {
            ": " (count(combination.directions, "open direction")) " among " (ids.len()) " parameters"
            @if let Some(direction) = &combination.direction {
                @if ids.iter().all(|id| logarithmic(id)) {
                    "; the predictions stay the same when they become "
                    @for (k, (id, power)) in ids.iter().zip(direction).enumerate() {
                        @if k > 0 { ", " }
                        code { (id) } " · λ" sup { (short_number((power * 1e3).round() / 1e3)) }
                    }
                } @else {
                    "; on the search scale along ("
                    @for (k, part) in direction.iter().enumerate() {
                        @if k > 0 { ", " }
                        (short_number((part * 1e3).round() / 1e3))
                    }
                    ")"
                }
            }
            "."
        }
    }
}

fn rank_row(parameters: usize, point: &RankPoint) -> Markup {
    let smallest: Vec<String> = (point.singular.iter().rev().take(3))
        .map(|s| short_number(*s))
        .collect();
    html! {
        tr {
            td {
                @match point.kind {
                    RankPointKind::Best => "best",
                    RankPointKind::Random { share: 1.0 } => "random",
                    RankPointKind::Random { share } => { "random, moved to " (short_number(share)) " of its distance from the best" }
                }
            }
            td.n { @if let Some(rank) = point.rank { (rank) " of " (parameters) } @else { "none" } }
            td.n { (smallest.join(", ")) }
            td {
                @if let Some(why) = &point.failure { "no solution: " (why) }
                @else if point.rank.is_none() { "no gap: left out" }
            }
        }
    }
}

fn pictures(profiles: &Profiles, figures: &mut Figures) -> Result<Markup, DrawError> {
    let mut all = Vec::new();
    for one in &profiles.parameters {
        let label = format!(
            "Profile likelihood of {}: {}",
            one.id,
            verdict_text(profiles, one)
        );
        all.push(figures.add(
            &format!("profile-{}", one.id),
            &profile_figure(profiles, one),
            &label,
            caption(profiles, one),
        )?);
    }
    Ok(html! { @for figure in &all { (figure) } })
}

fn caption(profiles: &Profiles, one: &Profiled) -> Markup {
    let evaluations = one.profile.counts.values + one.profile.counts.gradients;
    html! {
        "Left: −ln p above the best along " code { (one.id) } @if let Some(name) = &one.name { " (" (name) ")" }
        ", all others optimised at every point. Right: how those move that move most"
        @let moved: Vec<&str> = movers(one).iter().take(3).map(|m| profiles.entries[m.0].as_str()).collect();
        @if !moved.is_empty() { " (" (names(&moved, 3)) " first)" }
        ". " (count(one.profile.points.len(), "point")) ", " (evaluations) " evaluations"
        @if one.profile.counts.infeasible > 0 { ", " (one.profile.counts.infeasible) " of them without a value" }
        "."
    }
}

fn provenance(profiles: &Profiles, sources: Option<&Sources>) -> Markup {
    let from = &profiles.provenance;
    let tolerances = from.options.objective.tolerances;
    let options =
        serde_json::to_string_pretty(&from.options).expect("options are numbers and words");
    html! {
        div.table { table { tbody {
            tr { td { "holobiont" } td { (from.version) } }
            tr { td { "instruction set" } td { (from.instruction_set) } }
            tr { td { "tolerances" } td { "relative " (format!("{:e}", tolerances.relative)) ", absolute " (format!("{:e}", tolerances.absolute)) } }
            tr { td { "accuracy of the ends" } td { (short_number(from.options.profile.accuracy)) " of −ln p" } }
        } } }
        @if let Some(sources) = sources { (file_table(sources)) }
        details { summary { "All options" } pre { (options) } }
    }
}
