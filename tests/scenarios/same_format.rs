//! What the reader takes, the schema takes, and the other way round: for a file that is good, and with one thing changed.
//!
//! Not told by the schema: what is in a schedule, in a request's files, and what does not go together.

use std::path::Path;

use halfway::fault_scenario::FaultScenario;
use halfway::imports::{Requests, subjects};
use halfway::judge::{Criterion, Grade};
use libtest_mimic::Failed;

use crate::schema::validate;

const GOOD: &str = r#"
title = "What happens"
why = "It matters."
flow = "chapter-import"
strategy = ["as-found", "upsert"]
backend = "sqlite"
schedule = "link-segments#1:before=error"
client = "both"
request.chapters = [{ startTime = 0, title = "Intro" }]
request.transcript = [{ startTime = 0.5, body = "Hello." }]

[expect]
no-orphan-rows = "violated"

[expect.upsert]
all-or-nothing = "held"
"#;

/// What stands in the good file, what may stand there instead, and what may not.
const CHANGES: [(&str, &[&str], &[&str]); 12] = [
    (
        "title = \"What happens\"",
        &["title = \"Ä\""],
        &["", "title = ''", "title = 7", "title = \"a\\nb\"", "titel = 'a'"],
    ),
    ("why = \"It matters.\"", &["why = \"a\\nb\""], &["", "why = '  '", "why = ['a']"]),
    (
        "[\"as-found\", \"upsert\"]",
        &["[\"upsert\", \"one-transaction\"]", "\"all\"", "[\"all\"]"],
        &["[]", "\"intent-log\"", "['upsert', 'upsert']", "7"],
    ),
    ("backend = \"sqlite\"", &[""], &["backend = \"mysql\"", "backend = {}"]),
    ("schedule =", &[], &["schedul ="]),
    (
        "client = \"both\"",
        &["", "client = \"impatient\"", "client = 'restarted'"],
        &["client = 'nobody'", "client = []"],
    ),
    (
        "[{ startTime = 0, title = \"Intro\" }]",
        &["[{ startTime = 1.5, title = 'a' }]"],
        &["[{ title = 'a' }]", "[{ startTime = 0 }]", "7", "{ file = '/etc/passwd' }", "{ file = 'a', b = 1 }"],
    ),
    ("request.transcript =", &[], &["request.transcrip =", "request.csv ="]),
    (
        "no-orphan-rows = \"violated\"",
        &["", "no-orphan-rows = 'healed-by-recovery'", "retry-converges = 'healed-by-retry'"],
        &["no-orphan-rows = 'bad'", "no-orphan-rows = true", "orphans = 'held'"],
    ),
    ("[expect.upsert]", &["[expect.as-found]"], &["[expect.upsrt]", "[expct.upsert]"]),
    ("all-or-nothing = \"held\"", &[""], &["all-or-nothing = 1", "upsert = 'held'", "[expect.upsert.a]"]),
    ("flow = \"chapter-import\"", &[], &["", "flow = 'scenario-create'", "flow = 'a'", "flow = {}"]),
];

fn check(text: &str, is_good: bool) -> Result<(), Failed> {
    let read = FaultScenario::read(Path::new("scenarios/chapter-import/some.toml"), text, &crate::known());
    let read = read.map(drop).map_err(|mistakes| mistakes.to_string());
    let valid = validate(text);
    if (read.is_ok(), valid.is_ok()) == (is_good, is_good) {
        return Ok(());
    }
    Err(format!("good: {is_good}\nthe reader: {read:?}\nthe schema: {valid:?}\n{text}").into())
}

/// The reader and the schema agree on every change.
pub(crate) fn reader_and_schema_agree() -> Result<(), Failed> {
    check(GOOD, true)?;
    for (old, good, bad) in CHANGES {
        assert!(GOOD.contains(old), "{old:?} is in the good file");
        let with = |new: &str| GOOD.replacen(old, new, 1);
        good.iter().try_for_each(|new| check(&with(new), true))?;
        bad.iter().try_for_each(|new| check(&with(new), false))?;
    }
    Ok(())
}

/// The names that there are, each where the format has it, are taken by both.
pub(crate) fn every_name_is_known_to_both() -> Result<(), Failed> {
    let rest = "title = 't'\nwhy = 'w'\nschedule = 'a:before=crash'\n";
    for subject in subjects(&Requests::default()) {
        let (flow, strategy) = (subject.flow(), subject.strategy());
        check(&format!("{rest}flow = '{flow}'\nstrategy = '{strategy}'\n[expect.{strategy}]\n"), true)?;
    }
    let rest = format!("{rest}flow = 'chapter-import'\nstrategy = 'all'\n[expect]\n");
    for criterion in Criterion::ALL {
        check(&format!("{rest}{criterion} = 'violated'"), true)?;
    }
    for grade in [Grade::Held, Grade::HealedByRecovery, Grade::HealedByRetry, Grade::Violated] {
        check(&format!("{rest}no-stuck-job = '{grade}'"), true)?;
    }
    Ok(())
}
