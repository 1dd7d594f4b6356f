//! Under which column of the matrix a case counts.

use serde::{Deserialize, Serialize};

use crate::fault::FaultClass;

/// The class of the first fault of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "CellFaultName", into = "CellFaultName")]
pub enum CellFault {
    /// The run without faults.
    None,
    /// A fault of this class.
    Class(FaultClass),
}

/// How [`CellFault`] is written: `none`, or the name of the class.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CellFaultName {
    Class(FaultClass),
    None(NoFault),
}

#[derive(Serialize, Deserialize)]
enum NoFault {
    #[serde(rename = "none")]
    None,
}

impl From<CellFaultName> for CellFault {
    fn from(name: CellFaultName) -> Self {
        match name {
            CellFaultName::Class(class) => Self::Class(class),
            CellFaultName::None(NoFault::None) => Self::None,
        }
    }
}

impl From<CellFault> for CellFaultName {
    fn from(fault: CellFault) -> Self {
        match fault {
            CellFault::Class(class) => Self::Class(class),
            CellFault::None => Self::None(NoFault::None),
        }
    }
}

impl CellFault {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Class(class) => class.name(),
        }
    }
}
