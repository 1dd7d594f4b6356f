//! Where symbolic links lead, within a world.

use std::collections::VecDeque;

use super::{Entry, Observation};

/// So many links in a row are followed, as Linux does; more of them are taken for a loop.
const MOST: usize = 40;

impl Observation {
    /// What stands at a path, and where: links are followed, as the system would. `None` where nothing is there, a
    /// directory that holds something, or a link that leads out of the world's directory, nowhere, or in a loop.
    pub fn leads_to(&self, path: &str) -> Option<(&str, &Entry)> {
        // Most worlds have no link.
        let found = self.files.get_key_value(path).filter(|(_, entry)| !matches!(entry, Entry::Link(_)));
        if let Some((path, entry)) = found {
            return Some((path, entry));
        }
        let mut rest: VecDeque<&str> = path.split('/').collect();
        let mut here: Vec<&str> = Vec::new();
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            match part {
                "" | "." => continue,
                ".." => {
                    here.pop()?;
                    continue;
                }
                name => here.push(name),
            }
            if let Some(Entry::Link(target)) = self.files.get(&here.join("/")) {
                links += 1;
                if links > MOST || target.starts_with('/') {
                    return None;
                }
                here.clear();
                for part in target.split('/').rev() {
                    rest.push_front(part);
                }
            }
        }
        self.files.get_key_value(&here.join("/")).map(|(path, entry)| (path.as_str(), entry))
    }

    /// What stands at a path, once links are followed.
    pub fn at(&self, path: &str) -> Option<&Entry> {
        self.leads_to(path).map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> Observation {
        let link = |target: &str| Entry::Link(target.to_owned());
        let files = [
            ("a/b", Entry::File(b"b".as_slice().into())),
            ("empty", Entry::EmptyDirectory),
            ("to-file", link("a/b")),
            ("to-folder", link("a")),
            ("to-link", link("to-folder/b")),
            ("sub/up", link("sub/../a/b")),
            ("to-nowhere", link("nothing")),
            ("out", link("../database/world.sqlite")),
            ("away", link("/a/b")),
            ("loop", link("loop")),
            ("round", link("about")),
            ("about", link("round")),
        ];
        let files = files.into_iter().map(|(path, entry)| (path.to_owned(), entry)).collect();
        Observation { files, ..Observation::default() }
    }

    #[test]
    fn a_path_leads_where_its_links_lead() {
        let world = world();
        for path in ["a/b", "to-file", "to-folder/b", "to-link", "sub/up", "to-folder/../a/b", "./a//b"] {
            assert_eq!(world.leads_to(path).map(|(path, _)| path), Some("a/b"), "{path}");
        }
        assert_eq!(world.at("empty"), Some(&Entry::EmptyDirectory));
        for path in ["a", "to-folder", "to-nowhere", "out", "away", "loop", "round", "nothing", "../files/a/b", ""] {
            assert_eq!(world.leads_to(path), None, "{path}");
        }
    }
    #[test]
    fn so_many_links_in_a_row_are_followed_and_no_more() {
        let links = (1..=MOST + 1).map(|at| (format!("l{at}"), Entry::Link(format!("l{}", at - 1))));
        let files = links.chain([("l0".to_owned(), Entry::File(b"b".as_slice().into()))]).collect();
        let world = Observation { files, ..Observation::default() };
        assert_eq!(world.leads_to("l40").map(|(path, _)| path), Some("l0"));
        assert_eq!(world.leads_to("l41"), None);
    }
}
