//! What can be wrong with formulas and pathways.

/// One error of a chemical formula or a pathway.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChemistryError {
    /// A formula that cannot be read.
    #[error("chemical formula `{formula}`, column {column}: {problem}")]
    Formula {
        /// The formula.
        formula: String,
        /// Column, from 1.
        column: usize,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A pathway that cannot be read.
    #[error(
        "pathway `{pathway}`: {problem}; write it as `2 hexose + acetate -> 3 butyrate + 4 CO2`"
    )]
    Pathway {
        /// The pathway.
        pathway: String,
        /// What is wrong.
        problem: String,
    },
    /// A compound of a pathway whose formula nobody gave.
    #[error("pathway `{pathway}`: the compound `{compound}` has no chemical formula")]
    UnknownCompound {
        /// The pathway.
        pathway: String,
        /// The compound.
        compound: String,
    },
    /// A pathway that makes or loses an element.
    #[error(
        "pathway `{pathway}` does not balance {element}: {left} on the left, {right} on the right"
    )]
    Unbalanced {
        /// The pathway.
        pathway: String,
        /// The first element, in alphabetical order, that does not balance.
        element: &'static str,
        /// Its atoms on the left.
        left: String,
        /// Its atoms on the right.
        right: String,
    },
    /// A pathway that does not consume the compound it should run on.
    #[error("pathway `{pathway}` does not consume `{compound}`")]
    NotConsumed {
        /// The pathway.
        pathway: String,
        /// The compound.
        compound: String,
    },
    /// Biomass that cannot be made from a substrate with carbon dioxide, water and ammonia alone.
    #[error("no biomass `{biomass}` can be made from `{substrate}`: {problem}")]
    Biosynthesis {
        /// Formula of the biomass.
        biomass: String,
        /// Formula of the substrate.
        substrate: String,
        /// Why.
        problem: String,
    },
    /// Fractions beyond a million.
    #[error("the numbers of `{text}` are too long for exact arithmetic; use fewer digits")]
    TooLong {
        /// The formula or pathway.
        text: String,
    },
}
