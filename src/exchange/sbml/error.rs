//! What can be wrong with an SBML file, with the line and the element.
