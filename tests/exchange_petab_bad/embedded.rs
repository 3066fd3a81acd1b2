//! A hundred faults in three small problems that stand beside this test.
use super::{
    judge,
    problems::{OURS, Problem, VERSION_1, VERSION_2},
};
use rand::SeedableRng;

#[test]
fn a_fault_in_a_small_problem_is_told_with_its_place() {
    let problems = [
        Problem::parse("version 1", VERSION_1),
        Problem::parse("version 2", VERSION_2),
        Problem::parse("our language", OURS),
    ];
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let wrong = judge::run(&problems, 100, &mut random, None);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
