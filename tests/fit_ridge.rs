//! The published regression of Stein et al. 2013 from its published matrices.
use holobiont::fit::ridge_regression;
use nalgebra::DMatrix;
use std::path::PathBuf;

fn shared() -> PathBuf {
    let folder =
        std::env::var_os("HOLOBIONT_SHARED").expect("HOLOBIONT_SHARED names the shared folder");
    PathBuf::from(folder)
}

/// Row names and numbers of a file with a header line and a first column of names.
fn named(file: PathBuf, header: bool) -> (Vec<String>, DMatrix<f64>) {
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut names = Vec::new();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for line in text.lines().skip(usize::from(header)) {
        let mut cells = line.split(',');
        if header {
            names.push(cells.next().unwrap().to_string());
        }
        rows.push(cells.map(|c| c.trim().parse().unwrap()).collect());
    }
    let matrix = DMatrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j]);
    (names, matrix)
}

/// All 143 published numbers have five digits: 1e-4 is the tolerance of the comparison.
#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn the_published_regression_of_stein_2013_is_reproduced() {
    let folder = shared().join("data/stein2013_cdiff");
    let (taxa, f) = named(folder.join("regression_F.csv"), true);
    let (regressors, y) = named(folder.join("regression_Y.csv"), true);
    let (_, penalty) = named(folder.join("regression_penalty.csv"), false);
    let theta = ridge_regression(&f, &y, &penalty).unwrap();
    let file = shared().join("science/stein2013_parameters.csv");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut compared = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let row = taxa.iter().position(|t| t == cells[0]).unwrap();
        for (name, cell) in header.iter().zip(&cells).skip(1) {
            let regressor = match *name {
                "growth_per_day" => taxa.len(),
                "susceptibility_clindamycin" => taxa.len() + 1,
                taxon => regressors.iter().position(|r| r == taxon).unwrap(),
            };
            let want: f64 = cell.parse().unwrap();
            assert!(
                (theta[(row, regressor)] - want).abs() < 1e-4,
                "{} {name}: {} for {want}",
                cells[0],
                theta[(row, regressor)]
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 143);
}
