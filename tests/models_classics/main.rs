//! Classic published models against independent solutions, closed forms and published numbers.
mod alexander2010;
mod baker2013;
mod islam2021;
mod kettle2015;
mod reynolds2006;
mod support;
