fn main() {
    use holobiont::trial::*;
    let model = holobiont::models::get("gut_ms").unwrap().unwrap();
    let system = holobiont::compile::System::compile(&model.network.check().unwrap().equations()).unwrap();
    let t = std::time::Instant::now();
    let p = Population::read("population.toml".as_ref(), include_str!("../models/gut_ms/population.toml"), &model, &system).unwrap_or_else(|e| panic!("{e:?}"));
    let d = Design::read("d.toml".as_ref(), include_str!("../models/gut_ms/trials/propionate.toml"), &model, &system, &p).unwrap_or_else(|e| panic!("{e:?}"));
    println!("{:?}", t.elapsed());
    let r = run(&model, &system, &p, &d, &Options { seed: 1, trials: Some(0), ..Options::default() }).unwrap_or_else(|e| panic!("{e}"));
    println!("{:?} screened {} failed {} solved {}", t.elapsed(), r.screened, r.failures.len(), r.solved);
    for f in r.failures.iter().take(3) { println!("{f}"); }
    for row in &r.rows { println!("{} {:?} {:?} {:?}", d.endpoints[row.endpoint].id, row.control, row.treated, row.contrast); }
    for a in 0..2 { println!("{:?}", r.arm(a).iter().map(|p| p.disability[0]).fold([0usize;21], |mut h, e| {h[(2.0*e) as usize]+=1; h})); }
    for k in [100usize, 1000] {
    let t = std::time::Instant::now();
    let r = run(&model, &system, &p, &d, &Options { seed: 1, trials: Some(k), ..Options::default() }).unwrap();
    println!("{:?}", t.elapsed());
    for (row,q) in r.rows.iter().zip(&r.power.unwrap().rows) { println!("{} {:?} {:?}", d.endpoints[row.endpoint].id, q.effect.share(), q.none.share()); }
    }
}
