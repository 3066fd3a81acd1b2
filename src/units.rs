//! Units of measurement as exponent vectors over base dimensions with a factor; parsing, checking, conversion.
