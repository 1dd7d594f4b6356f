//! A crash that is none of our making: a process of its own, really killed at the point.
//!
//! The emulation of a crash ([`crate::inject`]) is a claim about what SIGKILL leaves. Here the claim is tried: a child
//! process goes the same way on a copy of the same world, and kills itself at the point. What the two leave has to be the
//! same, by role.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::case::Case;
use super::phase::{self, End, Scene};
use super::stage::{Detail, Stage};
use super::watched::{Watched, Watching};
use crate::disk::kill_this_process;
use crate::error::{Error, Result};
use crate::fault::{Fault, Tear};
use crate::inject::{Ends, Keep, Probe, Seat};
use crate::roles::{Fingerprint, Vocabulary};
use crate::schedule::{Phase, PlannedFault, Schedule};
use crate::subject::Subject;
use crate::world::{Site, Workshop};

/// How a child process is started: it makes the requests of a subject on a world, and kills itself at a point.
#[derive(Clone, Debug)]
pub struct Killable {
    /// The program: one that understands `halfway`'s own arguments.
    pub program: PathBuf,
    /// The arguments that make the same subjects there: the files with the requests.
    pub arguments: Vec<OsString>,
}

/// The name of the command that a child process is started with. Not for people.
pub(crate) const COMMAND: &str = "die";

/// The variable that tells a child process which names of files are made up anew: one run does not show it.
const KNOWN: &str = "HALFWAY_MADE_UP_NAMES";

/// Where the faults of the last process begin, if it can be killed at the last of them in the same state: that is a crash,
/// in the first thing that the process does.
pub(crate) fn last_process(faults: &[PlannedFault]) -> Option<usize> {
    let (last, earlier) = faults.split_last()?;
    let is_another_process = |fault: &PlannedFault| fault.phase != last.phase || ends_its_process(fault.fault);
    let begin = earlier.iter().rposition(is_another_process).map_or(0, |at| at + 1);
    let needs_no_record = faults[begin..].iter().all(|fault| !fault.fault.needs_a_record());
    let is_crash = matches!(last.fault, Fault::Crash | Fault::Torn(Tear::Crash));
    (is_crash && needs_no_record && last.phase != Phase::Impatient).then_some(begin)
}

const fn ends_its_process(fault: Fault) -> bool {
    matches!(fault, Fault::Crash | Fault::PowerLoss(_) | Fault::FailedSync | Fault::Torn(Tear::Crash))
}

impl Killable {
    /// Has a child process go the way of these faults, all of one phase, on a copy of the world, and be killed at the
    /// last of them. Returns what it leaves.
    pub(crate) fn kill(
        &self,
        subject: &Subject,
        image: &Site,
        faults: &[PlannedFault],
        known: &Vocabulary,
        workshop: &Workshop,
    ) -> Result<Site> {
        let site = image.copy(workshop)?;
        let (flow, strategy) = (subject.flow().to_owned(), subject.strategy().to_owned());
        let schedule = Schedule { flow, strategy, faults: faults.to_vec() }.to_string();
        let mut child = Command::new(&self.program);
        child.arg(COMMAND).arg("--world").arg(site.root()).args(&self.arguments).arg(&schedule);
        child.env(KNOWN, serde_json::to_string(known).unwrap_or_default());
        // Its panics are part of what it goes through.
        let output = child.stdin(Stdio::null()).stderr(Stdio::piped()).output();
        let output = output.map_err(Error::file("start", &self.program))?;
        if was_killed(output.status) {
            return Ok(site);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::NotKilled { schedule, status: output.status.to_string(), said })
    }
}

#[cfg(unix)]
fn was_killed(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    const SIGKILL: i32 = 9;
    status.signal() == Some(SIGKILL)
}

#[cfg(not(unix))]
fn was_killed(_status: std::process::ExitStatus) -> bool {
    false
}

/// What the child process does: starts the application on the world, makes the request, and is killed on the way.
///
/// # Errors
/// When it comes to its end alive.
pub(crate) async fn die(subject: &Subject, world: &Path, faults: &[PlannedFault], deadline: Duration) -> Result<()> {
    let site = Site::of_somebody_else(world);
    let watched = Watched::start(&site, Watching::needed_by(faults))?;
    let phase = faults.last().map_or(Phase::Attempt, |fault| fault.phase);
    let known = std::env::var(KNOWN).ok().and_then(|json| serde_json::from_str(&json).ok());
    let known: Arc<Vocabulary> = Arc::new(known.unwrap_or_default());
    let probe = |phase: Phase| {
        let plan: Vec<PlannedFault> = faults.iter().filter(|fault| fault.phase == phase).cloned().collect();
        let settle = Box::new(watched.settling());
        if plan.is_empty() {
            return Probe::unharmed(subject.flow(), phase, settle, None).knowing(Arc::clone(&known));
        }
        let ends = Ends {
            crash: Box::new(|| kill_this_process()),
            lose_power: Box::new(|_| unreachable!("a process that is killed keeps its power")),
        };
        Probe::armed(subject.flow(), phase, plan, Keep::StepTrace, ends, settle).knowing(Arc::clone(&known))
    };
    let place = site.world();
    let is_first = phase == Phase::FirstBoot;
    let (flow, seat) = (subject.erased(), Seat::default());
    let scene = |probe| Scene { probe, seat: &seat, watched: &watched, deadline, over: &|| () };
    let first = probe(if is_first { Phase::FirstBoot } else { Phase::Boot });
    let started = phase::run(&scene(&first), flow.boot(&place), async |end| {
        if let End::Done(Ok(app)) = end {
            flow.at_rest(&**app).await;
        }
    })
    .await?;
    match started.end {
        End::Done(Ok(app)) if !is_first && phase != Phase::Boot => {
            let second = probe(phase);
            phase::run(&scene(&second), flow.import(&*app), async |_| flow.at_rest(&*app).await).await?;
        }
        _ => {}
    }
    let line = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    Err(Error::NotFired { schedule: subject.name(), fault: line, hint: "; the process came to its end".to_owned() })
}

impl Stage<'_> {
    /// Plays these faults, the last of which is a crash, has a process of its own killed there, and looks whether the two
    /// leave the same world. `begin` is where the faults of the last process begin.
    ///
    /// # Errors
    /// When they do not.
    pub(crate) async fn try_a_kill(&self, killable: &Killable, faults: &[PlannedFault], begin: usize) -> Result<()> {
        let mut case = Case::before(self, Detail::Grades, self.watching(faults), faults).await?;
        let (earlier, last) = faults.split_at(begin);
        let is_later = last.iter().any(|fault| !matches!(fault.phase, Phase::FirstBoot | Phase::Attempt));
        if !earlier.is_empty() {
            case.trunk(earlier, 0).await?;
        } else if is_later {
            case.attempt_unharmed().await?;
        }
        // The case goes on in the world itself.
        let image = if is_later { Some(case.image()?.copy(&self.workshop)?) } else { None };
        let trunk = case.trunk(last, 0).await?;
        let left = trunk.judgements.last().expect("a case with a fault is judged at rest").fingerprint;
        self.expect_of_a_kill(killable, image.as_ref(), last, left)
    }

    /// Has a process of its own killed at the last of these faults, all of one phase, on a copy of `image`, or of the
    /// template where there is none; and looks whether it leaves the world that is known.
    ///
    /// # Errors
    /// When it leaves another one: the emulation of a crash is none.
    pub(crate) fn expect_of_a_kill(
        &self,
        killable: &Killable,
        image: Option<&Site>,
        faults: &[PlannedFault],
        expected: Fingerprint,
    ) -> Result<()> {
        let left = killable.kill(
            self.subject,
            image.unwrap_or_else(|| self.origin(faults)),
            faults,
            &self.vocabulary,
            &self.workshop,
        )?;
        let observation = self.look_at(&left, None)?;
        if self.fingerprint(&observation) == expected {
            return Ok(());
        }
        let schedule = faults.iter().fold(self.subject.name(), |line, fault| format!("{line} {fault}"));
        Err(Error::NotACrash { schedule, difference: self.left(&observation).join("; ") })
    }
}
