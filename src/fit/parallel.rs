//! Independent pieces of work on threads: the results come in the order of their numbers, whatever the threads do.

use std::sync::{Mutex, PoisonError};

/// The threads could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{threads} threads could not be started")]
pub struct ThreadError {
    /// number asked for
    pub threads: usize,
}

/// Does the pieces 0 to `count` - 1, on all threads unless their number is given.
pub(crate) fn in_order<T: Send>(
    count: usize,
    threads: Option<usize>,
    run: &(dyn Fn(usize) -> T + Sync),
) -> Result<Vec<T>, ThreadError> {
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    let keep = |number: usize| {
        let result = run(number);
        results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((number, result));
    };
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        let go = || {
            (0..count).into_par_iter().with_max_len(1).for_each(keep);
        };
        match threads {
            None => go(),
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|_| ThreadError { threads })?
                .install(go),
        }
    }
    #[cfg(not(feature = "parallel"))]
    {
        let _ = threads;
        (0..count).for_each(keep);
    }
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
