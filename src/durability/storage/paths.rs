//! Where a path leads, as the kernel would go: through directories and symbolic links, as they can be read now.

use super::{Id, Inode, ROOT, Storage, Target};

/// So many links in a row are followed, as Linux does.
const LINKS: usize = 40;

impl Storage {
    /// What a path leads to, once links are followed.
    pub(super) fn find(&self, path: &str) -> Option<Id> {
        if path.is_empty() {
            return Some(ROOT);
        }
        let (parent, name) = self.place_behind(path)?;
        if name.is_empty() { Some(parent) } else { self.child(parent, &name) }
    }

    /// What has this name itself, be it a link or not.
    pub(super) fn named(&self, path: &str) -> Option<Id> {
        let (parent, name) = self.parent_of(path)?;
        self.child(parent, &name)
    }

    /// The directory in which a path's last name stands, and that name.
    pub(super) fn parent_of(&self, path: &str) -> Option<(Id, String)> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.find(parent).map(|parent| (parent, name.to_owned()))
    }

    fn child(&self, parent: Id, name: &str) -> Option<Id> {
        match &self.inodes[parent] {
            Inode::Directory { now, .. } => now.get(name).copied(),
            Inode::File { .. } | Inode::Link(_) | Inode::Node(_) => None,
        }
    }

    /// The directory and the name to which a path leads, once links are followed, whether anything stands there or not; the
    /// name is empty where it leads to the directory itself. `None` where it leads out of the tree.
    pub(super) fn place_behind(&self, path: &str) -> Option<(Id, String)> {
        let mut rest: Vec<&str> = path.rsplit('/').collect();
        let (mut parents, mut here, mut links) = (Vec::new(), ROOT, 0);
        while let Some(name) = rest.pop() {
            match name {
                "" | "." => continue,
                ".." => {
                    here = parents.pop()?;
                    continue;
                }
                _ => {}
            }
            match self.child(here, name).map(|child| (child, &self.inodes[child])) {
                Some((_, Inode::Link(target))) => {
                    links += 1;
                    let said = match target {
                        Target::Within(said) => {
                            (parents, here) = (Vec::new(), ROOT);
                            said
                        }
                        Target::AsSaid(said) if said.starts_with('/') => return None,
                        Target::AsSaid(said) => said,
                    };
                    if links > LINKS {
                        return None;
                    }
                    rest.extend(said.rsplit('/'));
                }
                Some((child, Inode::Directory { .. })) => {
                    parents.push(here);
                    here = child;
                }
                _ if rest.is_empty() => return Some((here, name.to_owned())),
                _ => return None,
            }
        }
        Some((here, String::new()))
    }
}
