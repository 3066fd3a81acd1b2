//! The checks of `petab.v2.lint`, of its tables' fields and of the schema of version 2, each with a problem that violates it and what
//! we say.
use super::{
    checks::{Check, compare},
    problems::{Problem, VERSION_2},
};

#[rustfmt::skip]
const CHECKS: &[Check] = &[
    // schema and CheckProblemConfig
    ("schema: format_version", "problem.yaml", "format_version: 2.0.0\n", "", "problem.yaml: `format_version` is missing (1 or 2.0.0)"),
    ("schema: parameter_files", "problem.yaml", "parameter_files:\n- parameters.tsv\n", "", "problem.yaml: `parameter_files` names no file"),
    ("schema: model_files", "problem.yaml", "model_files:\n  conversion:\n    language: sbml\n    location: model.xml\n", "", "problem.yaml: `model_files` names no model"),
    ("schema: observable_files", "problem.yaml", "observable_files:\n- observables.tsv\n", "", "problem.yaml: `observable_files` names no file"),
    ("schema: measurement_files", "problem.yaml", "measurement_files:\n- measurements.tsv\n", "", "problem.yaml: `measurement_files` names no file"),
    ("schema: language", "problem.yaml", "    language: sbml\n", "", "problem.yaml, row 6: the model `conversion` has no `language`"),
    ("schema: location", "problem.yaml", "    location: model.xml\n", "", "problem.yaml, row 6: the model `conversion` has no `location`"),
    ("schema: id of a model", "problem.yaml", "  conversion:\n", "  conversion-1:\n", "problem.yaml, row 6: `conversion-1` is not an identifier: letters, digits and underscores, no digit first"),
    ("schema: id of the problem", "problem.yaml", "id: conversion_of_a", "id: conversion of a", "warning: problem.yaml, row 2: by the standard the id of a problem is an identifier, not `conversion of a`; it is read all the same"),
    ("schema: further keys", "problem.yaml", "id: conversion_of_a", "name: conversion_of_a", "problem.yaml, row 2: unknown key `name`"),
    ("schema: visualization_files", "problem.yaml", "mapping_files:", "visualization_files: [pictures.tsv]\nmapping_files:", "warning: problem.yaml, row 17: `visualization_files` is not used here, ignored"),
    ("schema: version of an extension", "problem.yaml", "id: conversion_of_a", "extensions: {other: {required: false}}", "warning: problem.yaml: by the standard the extension `other` has a key `version`; it is read all the same"),
    ("schema: whether an extension is required", "problem.yaml", "id: conversion_of_a", "extensions: {holobiont: {version: \"1\"}}", "warning: problem.yaml: by the standard the extension `holobiont` has a key `required`; it is read all the same"),
    ("schema: version of an extension is a text", "problem.yaml", "id: conversion_of_a", "extensions: {holobiont: {version: 1, required: false}}", "warning: problem.yaml: by the standard the `version` of the extension `holobiont` is a text, in quotes; it is read all the same"),
    ("an extension that is required", "problem.yaml", "id: conversion_of_a", "extensions: {other: {version: \"1\", required: true}}", "problem.yaml: the problem requires the extension `other`, which is not known here"),
    ("files exist", "problem.yaml", "- conditions.tsv", "- condition.tsv", "condition.tsv: the file cannot be read: No such file or directory (os error 2)"),
    // CheckModel
    ("model is valid", "model.xml", "<ci>k1</ci>", "<ci>k9</ci>", "model.xml, row 32: in the model: reaction `forth`, kineticLaw: there is no quantity `k9`; did you mean `k1` or `k2`?"),
    ("model language", "problem.yaml", "language: sbml", "language: cellml", "problem.yaml, row 6: the model language `cellml` is not supported yet"),
    // fields of the tables
    ("conditions: conditionId", "conditions.tsv", "conditionId|", "condition|", "conditions.tsv, row 1: the column `conditionId` is missing; did you mean `condition`?"),
    ("conditions: targetId", "conditions.tsv", "targetId|", "target|", "conditions.tsv, row 1: the column `targetId` is missing; did you mean `target`?"),
    ("conditions: targetValue", "conditions.tsv", "targetValue\n", "value\n", "conditions.tsv, row 1: the column `targetValue` is missing"),
    ("conditions: id", "conditions.tsv", "fed|", "f-ed|", "conditions.tsv, row 7, column conditionId: `f-ed` is not an identifier: letters, digits and underscores, no digit first\nexperiments.tsv, row 4, column conditionId: unknown condition `fed`"),
    ("conditions: id of a target", "conditions.tsv", "fed|vessel", "fed|1vessel", "conditions.tsv, row 7, column targetId: `1vessel` is not an identifier: letters, digits and underscores, no digit first"),
    ("conditions: value is readable", "conditions.tsv", "A + a_start", "A + (a_start", "conditions.tsv, row 3, column targetValue: formula `A + (a_start`, character 13: expected `)` or an operator, found the end of the formula"),
    ("experiments: experimentId", "experiments.tsv", "experimentId|", "experiment|", "experiments.tsv, row 1: the column `experimentId` is missing; did you mean `experiment`?"),
    ("experiments: time", "experiments.tsv", "|time|", "|start|", "experiments.tsv, row 1: the column `time` is missing"),
    ("experiments: id", "experiments.tsv", "e3|", "e 3|", "experiments.tsv, row 7, column experimentId: `e 3` is not an identifier: letters, digits and underscores, no digit first\nmeasurements.tsv, row 10, column experimentId: unknown experiment `e3`; did you mean `e1` or `e2`?"),
    ("experiments: time is a number", "experiments.tsv", "third|1|", "third|soon|", "experiments.tsv, row 7, column time: `soon` is not a number"),
    ("experiments: time is not infinite", "experiments.tsv", "third|1|", "third|inf|", "experiments.tsv, row 7, column time: `inf` is not finite"),
    ("experiments: id of a condition", "experiments.tsv", "second|0|high", "second|0|high;low", "experiments.tsv, row 6, column conditionId: `high;low` is not an identifier: letters, digits and underscores, no digit first"),
    ("experiments: a condition and none at one time", "experiments.tsv", "e1|first|1|pulse", "e1|first|1|pulse\ne1|first|1|", "experiments.tsv, row 6, column conditionId: the experiment `e1` applies conditions at time 1, and none: a row without conditionId must be alone"),
    ("observables: ids", "observables.tsv", "obs_b||B", "2obs_b||B", "observables.tsv, row 3, column observableId: `2obs_b` is not an identifier: letters, digits and underscores, no digit first\nmeasurements.tsv, row 6, column observableId: unknown observable `obs_b`; did you mean `obs_a`? (the same in row 7)"),
    ("observables: formula is readable", "observables.tsv", "B + 0.01", "B + + (0.01", "observables.tsv, row 3, column observableFormula: formula `B + + (0.01`, character 12: expected `)` or an operator, found the end of the formula"),
    ("observables: noise formula is readable", "observables.tsv", "sd * 0.5", "sd ** 0.5", "observables.tsv, row 4, column noiseFormula: formula `sd ** 0.5`, character 4: a power is written `^`, not `**`"),
    ("observables: noise distribution", "observables.tsv", "|log-normal|", "|lognormal|", "observables.tsv, row 3, column noiseDistribution: `lognormal` is none of normal, log-normal, laplace, log-laplace, student-t, log-student-t"),
    ("observables: ids of placeholders", "observables.tsv", "|scale_a|", "|scale-a|", "observables.tsv, row 2, column observablePlaceholders: `scale-a` is not an identifier: letters, digits and underscores, no digit first"),
    ("measurements: observableId", "measurements.tsv", "observableId|", "observable|", "measurements.tsv, row 1: the column `observableId` is missing; did you mean `observable`?"),
    ("measurements: time", "measurements.tsv", "time|", "t|", "measurements.tsv, row 1: the column `time` is missing"),
    ("measurements: measurement", "measurements.tsv", "measurement|", "value|", "measurements.tsv, row 1: the column `measurement` is missing"),
    ("measurements: id of an observable", "measurements.tsv", "obs_both|e3", "obs both|e3", "measurements.tsv, row 10, column observableId: `obs both` is not an identifier: letters, digits and underscores, no digit first"),
    ("measurements: id of an experiment", "measurements.tsv", "obs_both|e3", "obs_both|3e", "measurements.tsv, row 10, column experimentId: `3e` is not an identifier: letters, digits and underscores, no digit first"),
    ("measurements: time is a number", "measurements.tsv", "obs_both|e3|2|", "obs_both|e3|two|", "measurements.tsv, row 10, column time: `two` is not a number"),
    ("measurements: time is not minus infinity", "measurements.tsv", "obs_both|e3|2|", "obs_both|e3|-inf|", "measurements.tsv, row 10, column time: `-inf` is not finite"),
    ("measurements: measurement is not NaN", "measurements.tsv", "obs_both|e3|2|0.3", "obs_both|e3|2|nan", "measurements.tsv, row 10, column measurement: `nan` is not finite"),
    ("mapping: ids", "mapping.tsv", "k2|k2|", "k 2|k2|", "mapping.tsv, row 2, column petabEntityId: `k 2` is not an identifier: letters, digits and underscores, no digit first"),
    ("mapping: petabEntityId", "mapping.tsv", "petabEntityId|", "petabId|", "mapping.tsv, row 1: the column `petabEntityId` is missing"),
    ("mapping: no other name for an id", "mapping.tsv", "the way back\n", "the way back\nvolume|vessel|\n", "warning: mapping.tsv, row 3, column modelEntityId: by the standard `vessel`, an id already, must not have another name; it is read all the same"),
    ("parameters: ids", "parameters.tsv", "offset|", "off set|", "parameters.tsv, row 5, column parameterId: `off set` is not an identifier: letters, digits and underscores, no digit first\nobservables.tsv, row 2, column observableFormula: unknown id `offset`"),
    ("parameters: parameterId", "parameters.tsv", "parameterId|", "id|", "parameters.tsv, row 1: the column `parameterId` is missing"),
    ("parameters: numeric bounds", "parameters.tsv", "back|0|10", "back|0|ten", "parameters.tsv, row 3, column upperBound: `ten` is not a number"),
    ("parameters: numeric nominal value", "parameters.tsv", "0|1|0.1|false", "0|1|tenth|false", "parameters.tsv, row 5, column nominalValue: `tenth` is not a number"),
    ("parameters: estimate is true or false", "parameters.tsv", "0.6|true", "0.6|yes", "parameters.tsv, row 3, column estimate: `yes` is none of true, false, True, False, 1, 0"),
    ("parameters: estimate as a number", "parameters.tsv", "0.6|true", "0.6|1", "warning: parameters.tsv, row 3, column estimate: by the standard the words are `true` and `false`; it is read all the same"),
    ("parameters: nominal value of what is not estimated", "parameters.tsv", "0|1|0.1|false", "0|1||false", "parameters.tsv, row 5, column nominalValue: a value is missing"),
    ("parameters: bounds of what is estimated", "parameters.tsv", "back|0|10", "back|0|", "parameters.tsv, row 3, column upperBound: a value is missing"),
    ("parameters: bounds beside a prior", "parameters.tsv", "factor||0.5|2|", "factor||0.5||", "warning: parameters.tsv, row 6, column upperBound: by the standard an estimated parameter has two bounds, prior or not; it is read all the same"),
    ("parameters: order of the bounds", "parameters.tsv", "back|0|10", "back|20|10", "parameters.tsv, row 3, column lowerBound: the lower bound 20 is not below the upper bound 10"),
    ("parameters: order of the bounds of what is not estimated", "parameters.tsv", "offset||0|1|", "offset||2|1|", "parameters.tsv, row 5, column lowerBound: the lower bound 2 is not below the upper bound 1"),
    // CheckUniquePrimaryKeys
    ("unique: observables", "observables.tsv", "obs_b||B + 0.01||0.3|log-normal|\n", "obs_b||B + 0.01||0.3|log-normal|\nobs_b||B||1||\n", "observables.tsv, row 4, column observableId: the observable `obs_b` stands twice, first in row 3"),
    ("unique: parameters", "parameters.tsv", "sd||0.01|10|0.2|true||\n", "sd||0.01|10|0.2|true||\nsd||0|1|0.2|true||\n", "parameters.tsv, row 8, column parameterId: the parameter `sd` stands twice, first in row 7"),
    // CheckMeasurementModelId
    ("measurements: modelId", "measurements.tsv", "datasetId|", "modelId|", "measurements.tsv, row 2, column modelId: unknown model `d1` (the same in row 3)\nmeasurements.tsv, row 4, column modelId: unknown model `d2` (the same in row 5)"),
    // CheckMeasuredObservablesDefined
    ("measurements: observables are defined", "measurements.tsv", "obs_both|e3", "obs_all|e3", "measurements.tsv, row 10, column observableId: unknown observable `obs_all`; did you mean `obs_a`?"),
    // CheckPosLogMeasurements
    ("measurements: positive where logarithms are measured", "measurements.tsv", "obs_b|e2|1|1.1", "obs_b|e2|1|-1.1", "measurements.tsv, row 6, column measurement: the reading -1.1 of `obs_b`: a reading whose noise is on a logarithmic scale must be positive"),
    // CheckOverridesMatchPlaceholders
    ("measurements: count of observable parameters", "measurements.tsv", "factor|0.2|d1", "|0.2|d1", "measurements.tsv, row 2, column observableParameters: `obs_a` has 1 placeholders here, 0 values are given"),
    ("measurements: count of noise parameters", "measurements.tsv", "factor|0.2|d1", "factor|0.2;1|d1", "measurements.tsv, row 2, column noiseParameters: `obs_a` has 1 placeholders here, 2 values are given"),
    ("measurements: a number without a placeholder", "measurements.tsv", "obs_b|e2|1|1.1||", "obs_b|e2|1|1.1||1", "measurements.tsv, row 6, column noiseParameters: `obs_b` has 0 placeholders here, 1 values are given"),
    // CheckValidConditionTargets
    ("conditions: targets exist", "conditions.tsv", "high|a0", "high|a9", "conditions.tsv, row 6, column targetId: unknown target `a9`; did you mean `a0`?"),
    ("conditions: targets exist, of a condition that nothing uses", "conditions.tsv", "high|a0|2.5\n", "high|a0|2.5\nother|a9|1\n", "conditions.tsv, row 7, column targetId: unknown target `a9`; did you mean `a0`?"),
    ("conditions: targets at one time are different", "experiments.tsv", "second|0|high", "second|0|high\ne2|second|0|rest", "experiments.tsv, row 7, column time: `a0` is set by the conditions `high` and `rest`, which start together"),
    ("conditions: targets at one time are different, in an experiment without measurements", "experiments.tsv", "e3|third|1|", "e3|third|1|\ne4||0|rest\ne4||0|high", "experiments.tsv, row 9, column time: `a0` is set by the conditions `rest` and `high`, which start together"),
    // CheckExperimentTable
    ("experiments: a row twice", "experiments.tsv", "e3|third|1|", "e3|third|1|\ne3|third|1|", "experiments.tsv, row 8, column time: this period of the experiment `e3` stands twice, first in row 7"),
    // CheckExperimentConditionsExist
    ("experiments: conditions are defined", "experiments.tsv", "second|0|high", "second|0|higher", "experiments.tsv, row 6, column conditionId: unknown condition `higher`; did you mean `high`?"),
    ("experiments: conditions are defined, in an experiment without measurements", "experiments.tsv", "e3|third|1|", "e3|third|1|\ne4||0|higher", "experiments.tsv, row 8, column conditionId: unknown condition `higher`; did you mean `high`?"),
    // CheckUndefinedExperiments, CheckMeasuredExperimentsDefined
    ("measurements: experiments are defined", "measurements.tsv", "obs_both|e3", "obs_both|e9", "measurements.tsv, row 10, column experimentId: unknown experiment `e9`; did you mean `e1` or `e2` or `e3`?"),
    // CheckObservablesDoNotShadowModelEntities
    ("observables: ids shadow parameters of the model", "observables.tsv", "obs_b||B + 0.01||0.3|log-normal|\n", "obs_b||B + 0.01||0.3|log-normal|\nk1||B||1||\n", "observables.tsv, row 4, column observableId: `k1` is an observable and a quantity of the model; an id has one meaning in a problem"),
    ("observables: ids shadow reactions of the model", "observables.tsv", "obs_b||B + 0.01||0.3|log-normal|\n", "obs_b||B + 0.01||0.3|log-normal|\nforth||B||1||\n", "observables.tsv, row 4, column observableId: `forth` is an observable and a reaction of the model; an id has one meaning in a problem"),
    // CheckAllParametersPresentInParameterTable
    ("parameters: missing, of an observable", "parameters.tsv", "offset||0|1|0.1|false||\n", "", "observables.tsv, row 2, column observableFormula: unknown id `offset`"),
    ("parameters: missing, of a measurement", "parameters.tsv", "factor||0.5|2|1.2|true|gamma|2;1\n", "", "measurements.tsv, row 2, column observableParameters: unknown parameter `factor` (the same in row 3)"),
    ("parameters: missing, of a noise formula", "observables.tsv", "sd * 0.5", "sd * zz", "observables.tsv, row 4, column noiseFormula: unknown id `zz`"),
    ("parameters: missing, of a condition", "conditions.tsv", "A + a_start", "A + zz", "conditions.tsv, row 3, column targetValue: unknown id `zz`"),
    ("parameters: missing, of a condition that nothing uses", "conditions.tsv", "high|a0|2.5\n", "high|a0|2.5\nother|a0|zz\n", "conditions.tsv, row 7, column targetValue: unknown id `zz`"),
    ("parameters: missing, another observable", "observables.tsv", "B + 0.01", "B + 0.01 * obs_sum", "warning: observables.tsv, row 3, column observableFormula: by the standard the formula must not name the observable `obs_sum`; it is read all the same"),
    ("parameters: extraneous", "parameters.tsv", "factor||", "zz||0|1|1|true||\nfactor||", "parameters.tsv, row 6, column parameterId: nothing uses the parameter `zz`: neither the model nor a formula or an override"),
    ("parameters: extraneous, a placeholder", "parameters.tsv", "factor||", "sd_a||0|1|1|true||\nfactor||", "parameters.tsv, row 6, column parameterId: `sd_a` is a row of the parameter table and a placeholder; an id has one meaning in a problem"),
    ("parameters: extraneous, an assigned quantity", "parameters.tsv", "factor||", "sum||0|1|1|true||\nfactor||", "parameters.tsv, row 6, column parameterId: `sum` cannot be set here: the parameter table holds parameters; the model determines it"),
    ("parameters: extraneous, a species", "parameters.tsv", "factor||", "A||0|1|1|true||\nfactor||", "parameters.tsv, row 6, column parameterId: `A` cannot be set here: the parameter table holds parameters; a condition sets the start of a state"),
    ("parameters: extraneous, the target of a condition", "parameters.tsv", "factor||", "a0||0|1|1|true||\nfactor||", "conditions.tsv, row 2, column targetId: `a0` cannot be set here: it stands in the parameter table; a condition sets what does not (the same in row 6)"),
    // CheckValidParameterInConditionOrParameterTable
    ("conditions: a target that a rule assigns", "conditions.tsv", "high|a0|2.5\n", "high|a0|2.5\nhigh|sum|1\n", "conditions.tsv, row 7, column targetId: `sum` cannot be set here: a rule assigns it"),
    ("conditions: a target that is a reaction", "conditions.tsv", "high|a0|2.5\n", "high|a0|2.5\nhigh|forth|1\n", "conditions.tsv, row 7, column targetId: `forth` cannot be set here: it is no parameter, species or compartment"),
    ("conditions: a target in the parameter table, of a condition that nothing uses", "conditions.tsv", "high|a0|2.5\n", "high|a0|2.5\nother|k1|1\n", "conditions.tsv, row 7, column targetId: `k1` cannot be set here: it stands in the parameter table; a condition sets what does not"),
    // CheckUnusedExperiments, CheckUnusedConditions
    ("experiments: unused", "experiments.tsv", "e3|third|1|", "e3|third|1|\ne4||0|high", "warning: experiments.tsv, row 8, column experimentId: the experiment `e4` has no measurements, ignored"),
    ("conditions: unused", "conditions.tsv", "high|a0|2.5\n", "high|a0|2.5\nother|a0|1\n", "warning: conditions.tsv, row 7, column conditionId: the condition `other` is not used by any experiment"),
    // CheckPriorDistribution
    ("priors: kind", "parameters.tsv", "gamma|2;1", "beta|2;1", "parameters.tsv, row 6, column priorDistribution: `beta` is none of cauchy, chisquare, exponential, gamma, laplace, log-laplace, log-normal, log-uniform, normal, rayleigh, uniform, parameter-scale-laplace, parameter-scale-normal, parameter-scale-uniform"),
    ("priors: number of parameters", "parameters.tsv", "gamma|2;1", "gamma|2", "parameters.tsv, row 6, column priorParameters: the prior `gamma`: it takes 2 parameters, 1 given"),
    ("priors: numeric parameters", "parameters.tsv", "gamma|2;1", "gamma|2;one", "parameters.tsv, row 6, column priorParameters: `one` is not a number"),
    ("priors: parameters that cannot be", "parameters.tsv", "gamma|2;1", "gamma|-2;1", "parameters.tsv, row 6, column priorParameters: the prior `gamma`: its parameters must be positive"),
    ("priors: parameters without a kind", "parameters.tsv", "gamma|2;1", "|2;1", "parameters.tsv, row 6, column priorDistribution: a value is missing"),
    // CheckInitialChangeSymbols
    ("conditions: a first period knows the parameter table only", "conditions.tsv", "high|a0|2.5", "high|a0|2.5 * vessel", "warning: conditions.tsv, row 6, column targetValue: by the standard a value of a first period may name rows of the parameter table and `time` only, not `vessel`; it is read all the same"),
    // beyond the linter
    ("mapping: entities exist", "mapping.tsv", "the way back\n", "the way back\nrate_forth|forth.k1|\n", "mapping.tsv, row 3, column modelEntityId: unknown entity of the model `forth.k1`"),
    ("mapping: names are new", "mapping.tsv", "k2|k2|the way back\n", "k2|k2|the way back\nforth|k2|\n", "mapping.tsv, row 3, column petabEntityId: `forth` is a name of the mapping table and an element of the model; an id has one meaning in a problem"),
    ("ids are not words of the mathematics", "observables.tsv", "obs_b||B", "sin||B", "observables.tsv, row 3, column observableId: `sin` is a word of the standard (a constant, `time` or a function) and cannot be an id\nmeasurements.tsv, row 6, column observableId: unknown observable `obs_b`; did you mean `obs_a`? (the same in row 7)"),
];

#[test]
fn what_the_linter_of_version_2_reports_is_told() {
    compare(&Problem::parse("version 2", VERSION_2), CHECKS);
}
