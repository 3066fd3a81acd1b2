//! Independent pieces of work on threads: the results come in the order of their numbers, whatever the threads do.

use std::sync::atomic::{AtomicUsize, Ordering};
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

/// Does the pieces 0 to `count` - 1 on threads of their own, each with a pool of one thread for what is parallel within a piece: a thread that
/// waits for its own piece never begins another in between.
pub(crate) fn apart<T: Send>(
    count: usize,
    threads: Option<usize>,
    run: &(dyn Fn(usize) -> T + Sync),
) -> Result<Vec<T>, ThreadError> {
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.unwrap_or_else(available).min(count).max(1);
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            let result = run(number);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push((number, result));
        }
    };
    #[cfg(feature = "parallel")]
    let pools = (0..threads)
        .map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| ThreadError { threads })?;
    #[cfg(feature = "parallel")]
    std::thread::scope(|scope| {
        for pool in &pools {
            scope.spawn(|| pool.install(work));
        }
    });
    #[cfg(not(feature = "parallel"))]
    {
        let _ = threads;
        work();
    }
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
