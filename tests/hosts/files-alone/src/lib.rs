//! Notes in one file, a line for each.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

pub struct Notes {
    pub dir: PathBuf,
}

impl Notes {
    /// A start removes what an earlier process did not bring to its end.
    pub fn open(dir: PathBuf) -> io::Result<Self> {
        let notes = Self { dir };
        notes.give_up()?;
        Ok(notes)
    }

    /// Writes the file in place.
    pub fn add_in_place(&self, line: &str) -> io::Result<()> {
        let text = self.with(line)?;
        fs::write(self.dir.join("notes.txt"), text)
    }

    /// Writes the file beside the old one, and puts it in its place.
    pub fn add(&self, line: &str) -> io::Result<()> {
        let text = self.with(line)?;
        let written = self.put(&text);
        if written.is_err() {
            self.give_up()?;
        }
        written
    }

    fn put(&self, text: &str) -> io::Result<()> {
        let mut file = fs::File::create(self.dir.join("notes.new"))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(self.dir.join("notes.new"), self.dir.join("notes.txt"))
    }

    fn give_up(&self) -> io::Result<()> {
        match fs::remove_file(self.dir.join("notes.new")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// All lines, and this one, once.
    fn with(&self, line: &str) -> io::Result<String> {
        let old = fs::read_to_string(self.dir.join("notes.txt"))?;
        Ok(if old.lines().any(|known| known == line) { old } else { format!("{old}{line}\n") })
    }
}
