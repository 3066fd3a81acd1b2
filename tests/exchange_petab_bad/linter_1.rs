//! The checks of `petab.v1.lint` and of the schema of version 1, each with a problem that violates it and what we say.
use super::{
    checks::{Check, compare},
    problems::{Problem, VERSION_1},
};

#[rustfmt::skip]
const CHECKS: &[Check] = &[
    // the YAML file: schema and files
    ("schema: format_version", "problem.yaml", "format_version: 1\n", "", "problem.yaml: `format_version` is missing (1 or 2.0.0)"),
    ("schema: parameter_file", "problem.yaml", "parameter_file: parameters.tsv\n", "", "problem.yaml: `parameter_file` names no file"),
    ("schema: problems", "problem.yaml", "problems:\n", "problem:\n", "problem.yaml, row 3: unknown key `problem` (version 1); did you mean `problems`?"),
    ("schema: sbml_files", "problem.yaml", "  sbml_files:\n  - model.xml\n", "", "problem.yaml: `sbml_files` names no file"),
    ("schema: observable_files", "problem.yaml", "  observable_files:\n  - observables.tsv\n", "", "problem.yaml: `observable_files` names no file"),
    ("schema: measurement_files", "problem.yaml", "  measurement_files:\n  - measurements.tsv\n", "", "problem.yaml: `measurement_files` names no file"),
    ("schema: condition_files", "problem.yaml", "- condition_files:\n  - conditions.tsv\n  measurement_files", "- measurement_files", "problem.yaml: `condition_files` names no file"),
    ("semantics: files exist", "problem.yaml", "observables.tsv", "observable.tsv", "observable.tsv: the file cannot be read: No such file or directory (os error 2)"),
    ("version", "problem.yaml", "format_version: 1", "format_version: 7", "problem.yaml, row 1: format version `7` cannot be read; versions 1 and 2.0.0 can"),
    // the model
    ("model is valid", "model.xml", "<ci>k1</ci>", "<ci>k9</ci>", "model.xml, row 32: in the model: reaction `forth`, kineticLaw: there is no quantity `k9`; did you mean `k1` or `k2`?"),
    // check_condition_df
    ("conditions: index", "conditions.tsv", "conditionId", "condition", "conditions.tsv, row 1: the column `conditionId` is missing; did you mean `condition`?"),
    ("conditions: ids", "conditions.tsv", "low|", "l-ow|", "conditions.tsv, row 3, column conditionId: `l-ow` is not an identifier: letters, digits and underscores, no digit first\nmeasurements.tsv, row 2, column simulationConditionId: unknown condition `low`"),
    ("conditions: missing id", "conditions.tsv", "rest|before", "|before", "conditions.tsv, row 2, column conditionId: a value is missing\nmeasurements.tsv, row 2, column preequilibrationConditionId: unknown condition `rest` (the same in rows 3, 7 and 9)"),
    ("conditions: unique ids", "conditions.tsv", "low||a_start|NaN\n", "low||a_start|NaN\nlow||1|NaN\n", "conditions.tsv, row 4, column conditionId: the condition `low` stands twice, first in row 3"),
    ("conditions: columns are entities", "conditions.tsv", "|a0|B\n", "|a9|B\n", "conditions.tsv, row 2, column a9: unknown target `a9`; did you mean `a0`? (the same in rows 3 and 4)"),
    ("conditions: columns are entities, of a condition that nothing uses", "conditions.tsv", "|a0|B\nrest|before|1|0.5\nlow||a_start|NaN\nhigh||2.5|0.25\n", "|a0|B|zz\nrest|before|1|0.5|\nlow||a_start|NaN|\nhigh||2.5|0.25|\nother||1|1|3\n", "conditions.tsv, row 5, column zz: unknown target `zz`"),
    ("conditions: columns are entities, of a column without values", "conditions.tsv", "|a0|B\nrest|before|1|0.5\nlow||a_start|NaN\nhigh||2.5|0.25\n", "|a0|B|A9\nrest|before|1|0.5|\nlow||a_start|NaN|NaN\nhigh||2.5|0.25|\n", "conditions.tsv, row 1, column A9: unknown target `A9`; did you mean `A`?"),
    // check_observable_df
    ("observables: observableFormula", "observables.tsv", "observableFormula|", "formula|", "observables.tsv, row 1: the column `observableFormula` is missing"),
    ("observables: noiseFormula", "observables.tsv", "noiseFormula|", "noise|", "observables.tsv, row 1: the column `noiseFormula` is missing"),
    ("observables: ids", "observables.tsv", "obs_b||B", "2obs_b||B", "observables.tsv, row 3, column observableId: `2obs_b` is not an identifier: letters, digits and underscores, no digit first\nmeasurements.tsv, row 6, column observableId: unknown observable `obs_b`; did you mean `obs_a`? (the same in row 7)"),
    ("observables: white space", "observables.tsv", "B + 0.01", " B + 0.01", "warning: observables.tsv, row 3, column observableFormula: there are spaces around the text of the cell; it is read all the same"),
    ("observables: noise distribution", "observables.tsv", "log10|normal", "log10|gauss", "observables.tsv, row 3, column noiseDistribution: `gauss` is none of normal, laplace"),
    ("observables: transformation", "observables.tsv", "log10|normal", "log2|normal", "observables.tsv, row 3, column observableTransformation: `log2` is none of lin, log, log10"),
    ("observables: unique ids", "observables.tsv", "obs_sum||sum|sd * 0.5|lin|laplace\n", "obs_sum||sum|sd * 0.5|lin|laplace\nobs_sum||sum|sd|lin|laplace\n", "observables.tsv, row 5, column observableId: the observable `obs_sum` stands twice, first in row 4"),
    ("observables: formula is readable", "observables.tsv", "B + 0.01", "B + + (0.01", "observables.tsv, row 3, column observableFormula: formula `B + + (0.01`, character 12: expected `)` or an operator, found the end of the formula"),
    ("observables: noise formula is readable", "observables.tsv", "sd * 0.5", "sd ** 0.5", "observables.tsv, row 4, column noiseFormula: formula `sd ** 0.5`, character 4: a power is written `^`, not `**`"),
    ("observables: noise formula is there", "observables.tsv", "sd * 0.5", "", "observables.tsv, row 4, column noiseFormula: a value is missing"),
    ("observables: noise formula is finite", "observables.tsv", "sd * 0.5", "inf", "observables.tsv, row 4, column noiseFormula: `inf` is not finite"),
    ("observables: ids shadow parameters of the model", "observables.tsv", "obs_sum||", "k1||", "measurements.tsv, row 8, column observableId: unknown observable `obs_sum` (the same in row 9)\nobservables.tsv, row 4, column observableId: `k1` is an observable and a quantity of the model; an id has one meaning in a problem"),
    ("observables: ids shadow reactions of the model", "observables.tsv", "obs_sum||sum|sd * 0.5|lin|laplace\n", "obs_sum||sum|sd * 0.5|lin|laplace\nforth||A|1|lin|normal\n", "observables.tsv, row 5, column observableId: `forth` is an observable and a reaction of the model; an id has one meaning in a problem"),
    // check_measurement_df
    ("measurements: observableId", "measurements.tsv", "observableId|", "observable|", "measurements.tsv, row 1: the column `observableId` is missing; did you mean `observable`?"),
    ("measurements: simulationConditionId", "measurements.tsv", "simulationConditionId|", "condition|", "measurements.tsv, row 1: the column `simulationConditionId` is missing"),
    ("measurements: measurement", "measurements.tsv", "measurement|", "value|", "measurements.tsv, row 1: the column `measurement` is missing"),
    ("measurements: time", "measurements.tsv", "time|", "t|", "measurements.tsv, row 1: the column `time` is missing"),
    ("measurements: white space", "measurements.tsv", "obs_b||high", "obs_b||high ", "warning: measurements.tsv, row 6, column simulationConditionId: there are spaces around the text of the cell; it is read all the same"),
    ("measurements: observables are defined", "measurements.tsv", "obs_b||high", "obs_c||high", "measurements.tsv, row 6, column observableId: unknown observable `obs_c`; did you mean `obs_a` or `obs_b`?"),
    ("measurements: count of observable parameters", "measurements.tsv", "factor|0.2|r1", "factor;1|0.2|r1", "measurements.tsv, row 2, column observableParameters: `obs_a` has 1 placeholders here, 2 values are given"),
    ("measurements: count of noise parameters", "measurements.tsv", "factor|0.2|r1", "factor||r1", "measurements.tsv, row 2, column noiseParameters: `obs_a` has 1 placeholders here, 0 values are given"),
    ("measurements: positive where logarithms are measured", "measurements.tsv", "obs_b||high|1.1", "obs_b||high|0", "measurements.tsv, row 6, column measurement: the reading 0 of `obs_b`: a reading whose noise is on a logarithmic scale must be positive"),
    ("measurements: not null", "measurements.tsv", "obs_b||high|1.1", "obs_b||high|", "measurements.tsv, row 6, column measurement: a value is missing"),
    ("measurements: NaN", "measurements.tsv", "obs_b||high|1.1", "obs_b||high|NaN", "measurements.tsv, row 6, column measurement: `NaN` is not finite"),
    ("measurements: numeric", "measurements.tsv", "obs_b||high|1.1", "obs_b||high|high", "measurements.tsv, row 6, column measurement: `high` is not a number"),
    ("measurements: simulation conditions are defined", "measurements.tsv", "obs_b||high", "obs_b||higher", "measurements.tsv, row 6, column simulationConditionId: unknown condition `higher`; did you mean `high`?"),
    ("measurements: pre-equilibration conditions are defined", "measurements.tsv", "obs_b|rest|low", "obs_b|resting|low", "measurements.tsv, row 7, column preequilibrationConditionId: unknown condition `resting`"),
    // check_parameter_df
    ("parameters: parameterId", "parameters.tsv", "parameterId|", "id|", "parameters.tsv, row 1: the column `parameterId` is missing"),
    ("parameters: parameterScale", "parameters.tsv", "parameterScale|", "scale|", "parameters.tsv, row 1: the column `parameterScale` is missing"),
    ("parameters: lowerBound", "parameters.tsv", "lowerBound|", "lower|", "parameters.tsv, row 1: the column `lowerBound` is missing"),
    ("parameters: upperBound", "parameters.tsv", "upperBound|", "upper|", "parameters.tsv, row 1: the column `upperBound` is missing"),
    ("parameters: estimate", "parameters.tsv", "estimate|", "estimated|", "parameters.tsv, row 1: the column `estimate` is missing; did you mean `estimated`?"),
    ("parameters: ids", "parameters.tsv", "k2|back", "k 2|back", "parameters.tsv, row 3, column parameterId: `k 2` is not an identifier: letters, digits and underscores, no digit first"),
    ("parameters: missing id", "parameters.tsv", "k2|back", "|back", "parameters.tsv, row 3, column parameterId: a value is missing"),
    ("parameters: white space", "parameters.tsv", "k2|back|lin", "k2|back| lin", "warning: parameters.tsv, row 3, column parameterScale: there are spaces around the text of the cell; it is read all the same"),
    ("parameters: nominal value of what is not estimated", "parameters.tsv", "0.1|0||", "|0||", "parameters.tsv, row 5, column nominalValue: a value is missing"),
    ("parameters: numeric nominal value", "parameters.tsv", "0.1|0||", "a tenth|0||", "parameters.tsv, row 5, column nominalValue: `a tenth` is not a number"),
    ("parameters: nominalValue", "parameters.tsv", "nominalValue|", "nominal|", "parameters.tsv, row 1: the column `nominalValue` is missing"),
    ("parameters: scale", "parameters.tsv", "back|lin", "back|log2", "parameters.tsv, row 3, column parameterScale: `log2` is none of lin, log, log10"),
    ("parameters: numeric lower bound", "parameters.tsv", "back|lin|0|", "back|lin|zero|", "parameters.tsv, row 3, column lowerBound: `zero` is not a number"),
    ("parameters: numeric upper bound", "parameters.tsv", "back|lin|0|10|", "back|lin|0|ten|", "parameters.tsv, row 3, column upperBound: `ten` is not a number"),
    ("parameters: estimate is 0 or 1", "parameters.tsv", "0.6|1||", "0.6|2||", "parameters.tsv, row 3, column estimate: `2` is none of 0, 1"),
    ("parameters: estimate is there", "parameters.tsv", "0.6|1||", "0.6|||", "parameters.tsv, row 3, column estimate: a value is missing"),
    ("parameters: unique ids", "parameters.tsv", "k2|back|lin|0|10|0.6|1||\n", "k2|back|lin|0|10|0.6|1||\nk2||lin|0|10|0.6|1||\n", "parameters.tsv, row 4, column parameterId: the parameter `k2` stands twice, first in row 3"),
    ("parameters: order of the bounds", "parameters.tsv", "back|lin|0|10|", "back|lin|20|10|", "parameters.tsv, row 3, column lowerBound: the lower bound 20 is not below the upper bound 10"),
    ("parameters: positive bounds of logarithms", "parameters.tsv", "start of A|log|0.1|", "start of A|log|-0.1|", "parameters.tsv, row 4, column lowerBound: the scale `log` needs bounds above 0 and finite"),
    ("parameters: bounds of logarithms above 0", "parameters.tsv", "start of A|log|0.1|", "start of A|log|0|", "parameters.tsv, row 4, column lowerBound: the scale `log` needs bounds above 0 and finite"),
    ("parameters: kind of prior", "parameters.tsv", "laplace|1;1", "cauchy|1;1", "parameters.tsv, row 4, column objectivePriorType: `cauchy` is none of uniform, normal, laplace, logNormal, logLaplace, parameterScaleUniform, parameterScaleNormal, parameterScaleLaplace"),
    ("parameters: prior parameters are there", "parameters.tsv", "laplace|1;1", "laplace|", "parameters.tsv, row 4, column objectivePriorParameters: a value is missing"),
    ("parameters: prior parameters of a uniform prior", "parameters.tsv", "laplace|1;1", "uniform|", "warning: parameters.tsv, row 4, column objectivePriorType: by the standard only `parameterScaleUniform` takes the bounds as its parameters; it is read all the same"),
    ("parameters: numeric prior parameters", "parameters.tsv", "laplace|1;1", "laplace|1;one", "parameters.tsv, row 4, column objectivePriorParameters: `one` is not a number"),
    ("parameters: two prior parameters", "parameters.tsv", "laplace|1;1", "laplace|1", "parameters.tsv, row 4, column objectivePriorParameters: the prior `laplace`: it takes 2 parameters, 1 given"),
    ("parameters: prior parameters without a kind", "parameters.tsv", "laplace|1;1", "|1;1;1", "parameters.tsv, row 4, column objectivePriorParameters: the prior `parameterScaleUniform`: it takes 2 parameters, 3 given"),
    // assert_all_parameters_present_in_parameter_df
    ("parameters: missing, of an observable", "parameters.tsv", "offset||lin|0|1|0.1|0||\n", "", "observables.tsv, row 2, column observableFormula: unknown id `offset`"),
    ("parameters: missing, of a measurement", "parameters.tsv", "factor||lin|0.5|2|1.2|1||\n", "", "measurements.tsv, row 2, column observableParameters: unknown parameter `factor` (the same in row 3)"),
    ("parameters: missing, of a noise formula", "observables.tsv", "sd * 0.5", "sd * zz", "observables.tsv, row 4, column noiseFormula: unknown id `zz`"),
    ("parameters: missing, of a condition", "parameters.tsv", "a_start|start of A|log|0.1|10|1.5|1|laplace|1;1\n", "", "conditions.tsv, row 3, column a0: unknown parameter `a_start`"),
    ("parameters: missing, of a condition that nothing uses", "conditions.tsv", "high||2.5|0.25\n", "high||2.5|0.25\nother||zz|1\n", "conditions.tsv, row 5, column a0: unknown id `zz`"),
    ("parameters: extraneous", "parameters.tsv", "factor||lin", "zz||lin|0|1|1|1||\nfactor||lin", "parameters.tsv, row 6, column parameterId: nothing uses the parameter `zz`: neither the model nor a formula or an override"),
    ("parameters: extraneous, a placeholder", "parameters.tsv", "factor||lin", "noiseParameter1_obs_a||lin|0|1|1|1||\nfactor||lin", "parameters.tsv, row 6, column parameterId: `noiseParameter1_obs_a` is a row of the parameter table and a placeholder; an id has one meaning in a problem"),
    ("parameters: extraneous, the target of a condition", "parameters.tsv", "factor||lin", "a0||lin|0|1|1|1||\nfactor||lin", "conditions.tsv, row 2, column a0: `a0` cannot be set here: it stands in the parameter table; a condition sets what does not (the same in rows 3 and 4)"),
    ("parameters: extraneous, a compartment", "parameters.tsv", "factor||lin", "vessel||lin|0|1|1|1||\nfactor||lin", "warning: parameters.tsv, row 6, column parameterId: by the standard the compartment `vessel` is no row of a parameter table; it is read all the same"),
    ("parameters: extraneous, an assigned quantity", "parameters.tsv", "factor||lin", "sum||lin|0|1|1|1||\nfactor||lin", "parameters.tsv, row 6, column parameterId: `sum` cannot be set here: the parameter table holds parameters; the model determines it"),
    ("parameters: extraneous, a species", "parameters.tsv", "factor||lin", "A||lin|0|1|1|1||\nfactor||lin", "parameters.tsv, row 6, column parameterId: `A` cannot be set here: the parameter table holds parameters; a condition sets the start of a state"),
    // assert_model_parameters_in_condition_or_parameter_table
    ("conditions: a target that a rule assigns", "conditions.tsv", "|a0|B\nrest|before|1|0.5\nlow||a_start|NaN\nhigh||2.5|0.25\n", "|a0|B|sum\nrest|before|1|0.5|\nlow||a_start|NaN|\nhigh||2.5|0.25|3\n", "conditions.tsv, row 4, column sum: `sum` cannot be set here: a rule assigns it"),
    ("conditions: a target that is a reaction", "conditions.tsv", "|a0|B\n", "|a0|forth\n", "conditions.tsv, row 2, column forth: `forth` cannot be set here: it is no parameter, species or compartment (the same in row 4)"),
    ("conditions: a target in the parameter table, of a condition that nothing uses", "conditions.tsv", "|a0|B\nrest|before|1|0.5\nlow||a_start|NaN\nhigh||2.5|0.25\n", "|a0|B|k1\nrest|before|1|0.5|\nlow||a_start|NaN|\nhigh||2.5|0.25|\nother||1|1|3\n", "conditions.tsv, row 5, column k1: `k1` cannot be set here: it stands in the parameter table; a condition sets what does not"),
    // beyond the linter
    ("measurements: a separator too many", "measurements.tsv", "obs_b||high|1.1|1|||", "obs_b||high|1.1|1||||", "warning: measurements.tsv, row 6: the row has more cells than the header, the last of them empty; it is read all the same"),
    ("conditions: a formula", "conditions.tsv", "a_start", "2 * a_start", "warning: conditions.tsv, row 3, column a0: by the standard of version 1 the value is a number or an id; it is read all the same"),
];

#[test]
fn what_the_linter_of_version_1_reports_is_told() {
    compare(&Problem::parse("version 1", VERSION_1), CHECKS);
}
