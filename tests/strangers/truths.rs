//! Reads the table of truths.
//!
//! Decides what a line says, and refuses one that says it badly, with its number. Knows nothing of what a run found, nor
//! which strangers there are.

use std::collections::BTreeSet;
use std::time::Duration;

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;
use libtest_mimic::Failed;

use crate::kit::Pool;

/// How long one attempt may take, where the table says nothing.
const DEADLINE: Duration = Duration::from_secs(5);

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    /// THEME/FLOW.
    pub(crate) name: String,
    /// The pools for which it is told.
    pub(crate) pools: Vec<Pool>,
    /// The faults, as the table writes them.
    pub(crate) written: String,
    /// The classes of faults.
    pub(crate) classes: BTreeSet<FaultClass>,
    /// The number of faults.
    pub(crate) depth: u32,
    /// How long one attempt may take.
    pub(crate) deadline: Duration,
    /// What is true.
    pub(crate) claim: Claim,
}

/// What is true of a stranger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Every criterion holds; these may be healed by recovery.
    Sound(BTreeSet<Criterion>),
    /// Each of these is broken.
    Faulty(Vec<Breach>),
    /// The harness says an error that holds these words.
    Refused(String),
    /// Faulty, and not to be seen.
    OutOfReach,
    /// Sound, and not always to be judged.
    NotAccused,
    /// Faulty, and not always to be judged.
    NotCleared,
}

/// How a criterion fares under a class of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    /// The class of the first fault; `None` is any of them, and none at all.
    pub(crate) fault: Option<CellFault>,
    /// One of these.
    pub(crate) criteria: Vec<Criterion>,
    /// How it fares; `None` is anything worse than healed by recovery.
    pub(crate) grade: Option<Grade>,
}

/// All truths, or what is wrong with the first line that says it badly.
pub(crate) fn read(table: &str) -> Result<Vec<Truth>, String> {
    let lines = table.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(at, line)| truth(line).map_err(|problem| format!("line {}: {problem}", at + 1))).collect()
}

fn truth(line: &str) -> Result<Truth, String> {
    let fields: Vec<&str> = line.split(" | ").map(str::trim).collect();
    let &[who, pools, faults, what, why] = fields.as_slice() else {
        return Err(format!("{} fields instead of 5", fields.len()));
    };
    if why.is_empty() {
        return Err("no reason is given".to_owned());
    }
    let (kind, name) = who.split_once(' ').ok_or_else(|| format!("\"{who}\" is no KIND THEME/FLOW"))?;
    let (written, options) = faults.split_once(' ').unwrap_or((faults, ""));
    let (depth, deadline) = options_of(options)?;
    Ok(Truth {
        name: name.trim().to_owned(),
        pools: pools_of(pools)?,
        written: written.to_owned(),
        classes: classes_of(written)?,
        depth,
        deadline,
        claim: claim(kind, what)?,
    })
}

fn pools_of(written: &str) -> Result<Vec<Pool>, String> {
    let of_databases = [Pool::One, Pool::Example, Pool::Default];
    if written == "all" {
        return Ok(of_databases.to_vec());
    }
    let known = [Pool::One, Pool::Example, Pool::Default, Pool::Files];
    let pool = |name: &str| known.into_iter().find(|pool| pool.name() == name);
    written.split(',').map(|name| pool(name).ok_or_else(|| format!("\"{name}\" is no pool"))).collect()
}

fn classes_of(written: &str) -> Result<BTreeSet<FaultClass>, String> {
    match written {
        "default" => Ok(FaultClass::OF_STEPS.into_iter().collect()),
        "all" => Ok(FaultClass::ALL.into_iter().collect()),
        _ => written.split(',').map(class_of).collect(),
    }
}

fn class_of(name: &str) -> Result<FaultClass, String> {
    FaultClass::ALL.into_iter().find(|class| class.name() == name).ok_or_else(|| format!("\"{name}\" is no fault"))
}

fn options_of(written: &str) -> Result<(u32, Duration), String> {
    let (mut depth, mut deadline) = (1, DEADLINE);
    for option in written.split_whitespace() {
        let unknown = || format!("\"{option}\" is neither depth=N nor deadline=MS");
        let (name, value) = option.split_once('=').ok_or_else(unknown)?;
        match name {
            "depth" => depth = value.parse().map_err(|_| unknown())?,
            "deadline" => deadline = Duration::from_millis(value.parse().map_err(|_| unknown())?),
            _ => return Err(unknown()),
        }
    }
    Ok((depth, deadline))
}

fn claim(kind: &str, what: &str) -> Result<Claim, String> {
    match (kind, what) {
        ("sound", "any") => Ok(Claim::Sound(Criterion::ALL.into_iter().collect())),
        ("sound", "-") => Ok(Claim::Sound(BTreeSet::new())),
        ("sound", healed) => healed.split_whitespace().map(criterion).collect::<Result<_, _>>().map(Claim::Sound),
        ("faulty", breaches) => breaches.split(',').map(breach).collect::<Result<_, _>>().map(Claim::Faulty),
        ("refused", words) if words != "-" && !words.is_empty() => Ok(Claim::Refused(words.to_owned())),
        ("out-of-reach", "-") => Ok(Claim::OutOfReach),
        ("not-accused", "-") => Ok(Claim::NotAccused),
        ("not-cleared", "-") => Ok(Claim::NotCleared),
        _ => Err(format!("\"{kind}\" with \"{what}\" says nothing")),
    }
}

fn breach(written: &str) -> Result<Breach, String> {
    let words: Vec<&str> = written.split_whitespace().collect();
    let &[fault, criteria, grade] = words.as_slice() else {
        return Err(format!("\"{}\" is no CLASS CRITERION GRADE", written.trim()));
    };
    let fault = match fault {
        "any" => None,
        "none" => Some(CellFault::None),
        class => Some(CellFault::Class(class_of(class)?)),
    };
    let grade = match grade {
        "broken" => None,
        "violated" => Some(Grade::Violated),
        "healed-by-retry" => Some(Grade::HealedByRetry),
        _ => return Err(format!("\"{grade}\" is no grade by which a flow is faulty")),
    };
    Ok(Breach { fault, criteria: criteria.split('/').map(criterion).collect::<Result<_, _>>()?, grade })
}

fn criterion(name: &str) -> Result<Criterion, String> {
    let known = Criterion::ALL.into_iter().find(|criterion| criterion.name() == name);
    known.ok_or_else(|| format!("\"{name}\" is no criterion"))
}

/// A test of the reader.
pub(crate) fn bad_lines_are_refused() -> Result<(), Failed> {
    for (line, expected) in [
        ("sound a/b | all | default | - |", "4 fields instead of 5"),
        ("sound a/b | all | default | - | ", "no reason is given"),
        ("sound | all | default | - | why", "\"sound\" is no KIND THEME/FLOW"),
        ("sound a/b | two | default | - | why", "\"two\" is no pool"),
        ("sound a/b | all | crahs | - | why", "\"crahs\" is no fault"),
        ("sound a/b | all | crash deep=1 | - | why", "\"deep=1\" is neither depth=N nor deadline=MS"),
        ("sound a/b | all | crash | no-stuck-jobs | why", "\"no-stuck-jobs\" is no criterion"),
        ("faulty a/b | all | crash | crash no-stuck-job held | why", "\"held\" is no grade by which a flow is faulty"),
        (
            "faulty a/b | all | crash | no-stuck-job violated | why",
            "\"no-stuck-job violated\" is no CLASS CRITERION GRADE",
        ),
        ("refused a/b | all | crash | - | why", "\"refused\" with \"-\" says nothing"),
        ("odd a/b | all | crash | - | why", "\"odd\" with \"-\" says nothing"),
    ] {
        let told = read(&format!("# a head\n\n{line}")).err();
        if told.as_deref() != Some(&format!("line 3: {expected}")) {
            return Err(format!("{line}: {told:?} instead of {expected}").into());
        }
    }
    Ok(())
}
