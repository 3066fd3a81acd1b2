//! Options and numbers that make no sense are told, with guild, feed and pool.
use crate::support::*;
use holobiont::library::{
    Acidity, Booster, Breakdown, Feed, Guild, Metabolites, Microbiota, PhWindow, Pool, Stock,
};
use holobiont::network::{Network, NetworkError};

fn error(metabolites: Metabolites, microbiota: Microbiota) -> String {
    let mut network = Network::new("wrong");
    network.time_unit = Some("d".to_string());
    let added = network.add(&metabolites).map(drop);
    let added = added.and_then(|()| network.add(&microbiota).map(drop));
    added.expect_err("an error").to_string()
}
fn with_feeds(feeds: Vec<Feed>) -> Microbiota {
    Microbiota {
        guilds: vec![Guild {
            feeds,
            ..Guild::new("X")
        }],
        ..Microbiota::default()
    }
}
fn all_pools() -> Metabolites {
    Metabolites {
        pools: pools(),
        ..Metabolites::default()
    }
}

#[test]
fn options_that_make_no_sense_are_told() {
    let feed = |substrate: &str, pathway: &str| with_feeds(vec![Feed::new(substrate, pathway)]);
    let cases = [
        (
            feed("hexose", "2 hexose -> 3 acetate"),
            "mechanism `microbiota`: guilds: `X`, feed `hexose`: pathway `2 hexose -> 3 acetate` does not balance C: 12 on the left, 6 on the right",
        ),
        (
            feed("hexose", "hexose -> 3 vinegar"),
            "mechanism `microbiota`: guilds: `X`, feed `hexose`: pathway `hexose -> 3 vinegar`: the compound `vinegar` has no chemical formula",
        ),
        (
            feed("hexos", "hexos -> 3 acetate"),
            "mechanism `microbiota`: guilds: `X`, feed `hexos`: `hexos` is no pool with a chemical formula; declare it before, as in `metabolites`; did you mean `hexose`?",
        ),
        (
            feed("hexose", "hexose"),
            "mechanism `microbiota`: guilds: `X`, feed `hexose`: pathway `hexose`: there is no arrow `->`; write it as `2 hexose + acetate -> 3 butyrate + 4 CO2`",
        ),
        (
            feed("lactate", "hexose -> 3 acetate"),
            "mechanism `microbiota`: guilds: `X`, feed `lactate`: pathway `hexose -> 3 acetate` does not consume `lactate`",
        ),
        (
            feed("H2", "4 H2 + 2 CO2 -> acetate + 2 H2O"),
            "mechanism `microbiota`: guilds: `X`, feed `H2`: `4 H2 + 2 CO2 -> acetate + 2 H2O` with its biomass consumes `CO2`, and the rate does not vanish without it; name it in `needs`",
        ),
        (
            with_feeds(vec![
                Feed::new("hexose", "hexose -> 3 acetate"),
                Feed::new("hexose", "hexose -> 2 lactate"),
            ]),
            "mechanism `microbiota`: guilds: `X` has the feed `hexose` twice; give one another `id`",
        ),
        (
            Microbiota {
                guilds: vec![Guild::new("X"), Guild::new("X")],
                ..Microbiota::default()
            },
            "mechanism `microbiota`: guilds: `X` stands twice",
        ),
        (
            Microbiota::default(),
            "mechanism `microbiota`: guilds: at least one guild is needed",
        ),
        (
            Microbiota {
                biomass: "CHO?".to_string(),
                ..feed("hexose", "hexose -> 3 acetate")
            },
            "mechanism `microbiota`: biomass: chemical formula `CHO?`, column 4: expected the symbol of an element, as in `C6H12O6`",
        ),
    ];
    for (microbiota, message) in cases {
        assert_eq!(error(all_pools(), microbiota), message);
    }
    // a booster that the pathway consumes needs a way without it
    let boosted = Feed {
        booster: Some(Booster {
            compound: "acetate".to_string(),
            unboosted: None,
        }),
        ..Feed::new(
            "hexose",
            "2 hexose + 2 acetate -> 3 butyrate + 2 H2 + 4 CO2 + 2 H2O",
        )
    };
    assert!(error(all_pools(), with_feeds(vec![boosted])).contains("consumes `acetate`"));
    // biomass with nitrogen and no ammonia
    let without = Metabolites {
        pools: pools().into_iter().filter(|p| p.id != "NH3").collect(),
        ..Metabolites::default()
    };
    let nitrogen = Microbiota {
        biomass: "CH1.8O0.5N0.2".to_string(),
        ..feed("hexose", "hexose -> 3 acetate")
    };
    assert!(
        error(without, nitrogen).contains("leaves or takes up NH3, and no pool has this formula")
    );
}

#[test]
fn pools_that_make_no_sense_are_told() {
    let wrong = |pool: Pool| {
        let metabolites = Metabolites {
            pools: vec![Pool::new("acetate", "C2H4O2"), pool],
            ..Metabolites::default()
        };
        error(metabolites, Microbiota::default())
    };
    assert_eq!(
        wrong(Pool::new("acetate", "C2H4O2")),
        "mechanism `metabolites`: pools: `acetate` stands twice"
    );
    assert_eq!(
        wrong(Pool::new("x", "C2h4")),
        "mechanism `metabolites`: pools: `x`: chemical formula `C2h4`, column 3: expected the symbol of an element, as in `C6H12O6`"
    );
    let unfollowed = Pool {
        stock: Stock::Unfollowed,
        absorbed: true,
        ..Pool::new("H2O", "H2O")
    };
    assert!(wrong(unfollowed).contains("`H2O` is unfollowed"));
    let unbalanced = Pool {
        breakdown: Some(Breakdown {
            pathway: "starch -> 3 acetate".to_string(),
            by: None,
            by_unit: None,
        }),
        ..Pool::new("starch", "C6H10O5")
    };
    assert!(
        wrong(unbalanced)
            .contains("breakdown: `starch`: pathway `starch -> 3 acetate` does not balance H: 10")
    );
    let acidity = Metabolites {
        acidity: Some(Acidity::Clipped),
        ..all_pools()
    };
    assert!(error(acidity, Microbiota::default()).contains("acidity: no pool is marked `acid`"));
}

#[test]
fn corners_out_of_order_and_yields_beyond_the_substrate_are_told() {
    let mut network = small_gut(PhWindow::Trapezoid, Acidity::Clipped);
    network.parameter_mut("ph2_But").expect("a corner").value = Some(4.0);
    network
        .parameter_mut("yield_Lact_hexose")
        .expect("a yield")
        .value = Some(1.5);
    let errors = network.check().expect_err("two errors");
    let messages: Vec<String> = errors.iter().map(NetworkError::to_string).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(
        messages[0],
        "parameter `ph1_But`, constraint ph_corners_But: `ph1_But < ph2_But && ph2_But <= ph3_But && ph3_But < ph4_But` does not hold with ph1_But = 5.2, ph2_But = 4, ph3_But = 7.2, ph4_But = 8.6"
    );
    assert!(
        messages[1].starts_with("parameter `yield_Lact_hexose`, constraint yield_of_Lact_hexose")
    );
}
