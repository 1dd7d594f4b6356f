//! The names of faults, as people type and read them.

use std::fmt;
use std::str::FromStr;

use super::{Cause, Edge, Errno, Fate, Fates, Fault, FaultClass, Lasting, Survivors, Tear};

/// What follows the name of an error that goes on.
const ONWARDS: &str = "-onwards";

/// An error of `fsync` after which the pages count as clean.
const FAILED_SYNC: &str = "failed-sync";

/// A name that is not one of those that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: Vec<String>,
}

impl UnknownName {
    /// `name` is no `what`; these are.
    pub fn new(what: &'static str, name: &str, known: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { what, name: name.to_owned(), known: known.into_iter().map(Into::into).collect() }
    }

    /// The known name that the reader most likely meant, if one is near enough.
    pub fn suggestion(&self) -> Option<&str> {
        self.known
            .iter()
            .map(|known| (strsim::jaro_winkler(&self.name, known), known))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, known)| known.as_str())
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mistake, in words.
    pub fn problem(&self) -> String {
        format!("unknown {} \"{}\"", self.what, self.name)
    }

    /// The remedy, in words: the name that was most likely meant, or all known names.
    pub fn remedy(&self) -> String {
        match self.suggestion() {
            Some(known) => format!("did you mean \"{known}\"?"),
            None => format!("known: {}", self.known.join(", ")),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.remedy())
    }
}

impl std::error::Error for UnknownName {}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for FaultClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(cause) if *cause != Cause::Usual => write!(f, "error:{}", cause.name()),
            Self::DiskError(errno, Lasting::Once) => write!(f, "disk-error:{}", errno.name()),
            Self::DiskError(errno, Lasting::Onwards) => write!(f, "disk-error:{}{ONWARDS}", errno.name()),
            Self::FailedSync => write!(f, "disk-error:{FAILED_SYNC}"),
            Self::Torn(tear) => write!(f, "torn:{}", tear.name()),
            Self::PowerLoss(survivors) if *survivors != Survivors::Nothing => write!(f, "power-loss:{survivors}"),
            other => f.write_str(other.class().name()),
        }
    }
}

impl FromStr for Edge {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|edge| edge.name() == name);
        known.ok_or_else(|| UnknownName::new("edge", name, Self::ALL.map(Self::name)))
    }
}

impl FromStr for FaultClass {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|class| class.name() == name);
        known.ok_or_else(|| UnknownName::new("fault", name, Self::ALL.map(Self::name)))
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let (class, detail) = match text.split_once(':') {
            Some((class, detail)) => (class, Some(detail)),
            None => (text, None),
        };
        let class: FaultClass = class.parse()?;
        match (class, detail) {
            (FaultClass::Error, None) => Ok(Self::Error(Cause::Usual)),
            (FaultClass::Error, Some(cause)) => cause_of(cause).map(Self::Error),
            (FaultClass::DiskError, None) => Ok(Self::DiskError(Errno::Eio, Lasting::Once)),
            (FaultClass::DiskError, Some(FAILED_SYNC)) => Ok(Self::FailedSync),
            (FaultClass::DiskError, Some(errno)) => disk_error(errno),
            (FaultClass::Torn, None) => Ok(Self::Torn(Tear::DiskFull)),
            (FaultClass::Torn, Some(tear)) => {
                let known = Tear::ALL.into_iter().find(|known| known.name() == tear);
                known.map(Self::Torn).ok_or_else(|| UnknownName::new("torn write", tear, Tear::ALL.map(Tear::name)))
            }
            (FaultClass::PowerLoss, None) => Ok(Self::PowerLoss(Survivors::Nothing)),
            (FaultClass::PowerLoss, Some(survivors)) => survivors.parse().map(Self::PowerLoss),
            (FaultClass::LostAck, None) => Ok(Self::LostAck),
            (FaultClass::Outage, None) => Ok(Self::Outage),
            (FaultClass::Cancel, None) => Ok(Self::Cancel),
            (FaultClass::Panic, None) => Ok(Self::Panic),
            (FaultClass::Crash, None) => Ok(Self::Crash),
            (class, Some(_)) => Err(UnknownName::new("fault", text, [class.name()])),
        }
    }
}

fn cause_of(name: &str) -> Result<Cause, UnknownName> {
    let known = Cause::ALL.into_iter().find(|known| known.name() == name);
    known.ok_or_else(|| UnknownName::new("cause of an error", name, Cause::ALL.map(Cause::name)))
}

fn disk_error(name: &str) -> Result<Fault, UnknownName> {
    let (errno, lasting) = match name.strip_suffix(ONWARDS) {
        Some(errno) => (errno, Lasting::Onwards),
        None => (name, Lasting::Once),
    };
    let known = Errno::ALL.into_iter().find(|known| known.name() == errno);
    let names = || Errno::ALL.into_iter().map(Errno::name).chain([FAILED_SYNC]);
    known.map(|errno| Fault::DiskError(errno, lasting)).ok_or_else(|| UnknownName::new("disk error", name, names()))
}

impl FromStr for Survivors {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        const NAMED: [Survivors; 6] = [
            Survivors::Nothing,
            Survivors::Everything,
            Survivors::Names,
            Survivors::Zeros,
            Survivors::Short,
            Survivors::Data,
        ];
        if let Some(known) = NAMED.into_iter().find(|known| known.to_string() == text) {
            return Ok(known);
        }
        let all_but = text.strip_prefix("all-but-").and_then(|number| number.parse().ok());
        let all_but = all_but.filter(|number| *number > 0).map(Self::AllBut);
        let each = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).and_then(|text| {
            let fate = |name: &str| Fate::ALL.into_iter().find(|known| known.name() == name);
            let fates = text.split(',').map(fate).collect::<Option<Vec<Fate>>>()?;
            Fates::new(&fates).map(Self::Each)
        });
        all_but.or(each).ok_or_else(|| {
            let known = NAMED.iter().map(ToString::to_string);
            let known = known.chain(["all-but-N", "(kept,lost,zeros,short)"].map(str::to_owned));
            UnknownName::new("kind of survivors", text, known)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_back_as_it_prints() {
        let faults = [
            Fault::Error(Cause::Usual),
            Fault::Error(Cause::Busy),
            Fault::Error(Cause::DiskFull),
            Fault::Error(Cause::Denied),
            Fault::LostAck,
            Fault::Outage,
            Fault::Cancel,
            Fault::Panic,
            Fault::Crash,
            Fault::DiskError(Errno::Enospc, Lasting::Once),
            Fault::DiskError(Errno::Erofs, Lasting::Onwards),
            Fault::FailedSync,
            Fault::Torn(Tear::Short),
            Fault::Torn(Tear::DiskFull),
            Fault::Torn(Tear::Crash),
            Fault::PowerLoss(Survivors::Nothing),
            Fault::PowerLoss(Survivors::Names),
            Fault::PowerLoss(Survivors::AllBut(3)),
            Fault::PowerLoss(Survivors::Each(Fates::new(&Fate::ALL).expect("they are few"))),
        ];
        for fault in faults {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }

    #[test]
    fn an_unknown_name_says_what_was_meant() {
        let message = |text: &str| text.parse::<Fault>().expect_err("not a fault").to_string();
        assert_eq!(message("chrash"), "unknown fault \"chrash\"; did you mean \"crash\"?");
        assert_eq!(message("error:bussy"), "unknown cause of an error \"bussy\"; did you mean \"busy\"?");
        assert_eq!(
            message("meteor"),
            "unknown fault \"meteor\"; known: error, lost-ack, outage, cancel, panic, crash, disk-error, torn, power-loss"
        );
        assert_eq!(message("disk-error:enosp"), "unknown disk error \"enosp\"; did you mean \"enospc\"?");
        assert_eq!(
            message("power-loss:all-but-0"),
            "unknown kind of survivors \"all-but-0\"; did you mean \"all-but-N\"?"
        );
        assert_eq!(message("crash:hard"), "unknown fault \"crash:hard\"; did you mean \"crash\"?");
    }
}
