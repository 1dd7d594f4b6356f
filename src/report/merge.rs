//! Puts the reports of several machines together: the result is the report of one run, but for its times.
//!
//! The parts are the shards of one run, or reports of single tests; each strategy is in one of them. Not verified: that all
//! of them tried the same code.

use super::{Options, Report, Shard};

/// The report of all parts.
///
/// # Errors
/// What does not fit together, with its remedy.
pub fn merge(parts: Vec<Report>) -> Result<Report, String> {
    let parts = in_order(parts)?;
    let mut parts = parts.into_iter();
    let mut whole = parts.next().ok_or_else(|| "there is nothing to merge".to_owned())?;
    whole.options.shard = None;
    expect_complete(&whole)?;
    for part in parts {
        expect_complete(&part)?;
        expect_the_same(&whole.options, &Options { shard: None, ..part.options.clone() })?;
        add(&mut whole, part)?;
    }
    Ok(whole)
}

/// The shards in their order; reports that are none stay as they are given.
fn in_order(mut parts: Vec<Report>) -> Result<Vec<Report>, String> {
    let shards: Vec<Shard> = parts.iter().filter_map(|part| part.options.shard).collect();
    let Some(first) = shards.first() else { return Ok(parts) };
    if shards.len() < parts.len() {
        return Err("some of the reports are shards, and some are not; merge the one or the other".to_owned());
    }
    if let Some(other) = shards.iter().find(|shard| shard.of != first.of) {
        return Err(format!("{first} and {other} are shards of different runs"));
    }
    let missing: Vec<String> = (1..=first.of)
        .map(|number| Shard { number, of: first.of })
        .filter(|shard| !shards.contains(shard))
        .map(|shard| shard.to_string())
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "these shards are missing: {}; run each with --shard, and give all reports",
            missing.join(", ")
        ));
    }
    parts.sort_by_key(|part| part.options.shard);
    Ok(parts)
}

fn expect_complete(part: &Report) -> Result<(), String> {
    match &part.partial {
        None => Ok(()),
        Some(partial) => Err(format!(
            "one of the runs was stopped, and {} is missing; go on with it (--resume) before you merge",
            partial.missing.join(", ")
        )),
    }
}

fn expect_the_same(known: &Options, other: &Options) -> Result<(), String> {
    if known == other {
        return Ok(());
    }
    let told = |options: &Options| {
        let faults: Vec<&str> = options.faults.iter().map(|class| class.name()).collect();
        let random = options.random.map_or(String::new(), |cases| format!(", random {cases}"));
        format!(
            "{}, depth {}, seed {}, faults {}{random}",
            options.backend,
            options.depth,
            options.seed,
            faults.join(",")
        )
    };
    Err(format!("one run was made with {}, another with {}; run all with the same", told(known), told(other)))
}

fn add(whole: &mut Report, part: Report) -> Result<(), String> {
    let known = |flow: &str, strategy: &str| {
        whole.strategies.iter().any(|known| (known.flow.as_str(), known.strategy.as_str()) == (flow, strategy))
    };
    if let Some(twice) = part.strategies.iter().find(|new| known(&new.flow, &new.strategy)) {
        return Err(format!("{}/{} is in two of the reports; give each run once", twice.flow, twice.strategy));
    }
    let (totals, more) = (&mut whole.totals, &part.totals);
    totals.cases += more.cases;
    totals.pruned += more.pruned;
    totals.not_fired += more.not_fired;
    totals.retried += more.retried;
    totals.seconds += more.seconds;
    #[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
    let cases = totals.cases as f64;
    totals.cases_per_second = cases / totals.seconds.max(f64::MIN_POSITIVE);
    whole.strategies.extend(part.strategies);
    whole.findings.extend(part.findings);
    whole.stories.extend(part.stories);
    whole.worlds.extend(part.worlds);
    Ok(())
}
