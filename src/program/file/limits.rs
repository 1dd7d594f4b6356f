//! What the commands of a program may use, in its file.

use super::Reader;
use crate::disk::Limits;
use crate::document::{Keys, Mistake, Value, table, text};

const LIMITS: &str = "{ disk = \"4 GiB\", memory = \"2 GiB\", processes = 20000 }";

impl Reader<'_> {
    pub(super) fn limits(&mut self, value: &Value<'_>) -> Option<Limits> {
        let known = ["disk", "memory", "processes"];
        let keys = Keys::new(table(value, LIMITS, self.mistakes)?, value.span(), &known, self.mistakes);
        let mut limits = Limits::default();
        if let Some(value) = keys.get("disk") {
            limits.disk = self.size(value)?;
        }
        if let Some(value) = keys.get("memory") {
            limits.memory = Some(self.size(value)?);
        }
        if let Some(value) = keys.get("processes") {
            limits.processes = self.number(value, "this is no number of processes", LIMITS)?;
        }
        Some(limits)
    }

    /// A number of bytes, such as "512 MiB".
    fn size(&mut self, value: &Value<'_>) -> Option<u64> {
        let what = "a size such as \"512 MiB\" or \"4 GiB\"";
        let said = text(value, what, self.mistakes)?;
        let bytes = said.text.split_once(' ').and_then(|(number, unit)| {
            let bits = match unit {
                "KiB" => 10,
                "MiB" => 20,
                "GiB" => 30,
                _ => return None,
            };
            number.parse::<u64>().ok()?.checked_mul(1 << bits)
        });
        if bytes.is_none() {
            self.mistakes.push(Mistake::new(said.place, "this is no size", what));
        }
        bytes
    }
}
