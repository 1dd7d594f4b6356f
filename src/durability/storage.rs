//! What can be read now, what is on the disk, and the changes in between.

mod paths;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Change, Item, Node, Target, Tree, is_followed, with_names};
use crate::fault::{Fate, Survivors};

/// A directory tree as the kernel holds it: in memory, and on the disk.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    inodes: Vec<Inode>,
    open: BTreeMap<u64, Id>,
    pending: Vec<Pending>,
}

type Id = usize;
type Names = BTreeMap<String, Id>;

const ROOT: Id = 0;

/// A file or directory, apart from its names.
#[derive(Clone, Debug)]
enum Inode {
    File { now: Arc<Vec<u8>>, on_disk: Arc<Vec<u8>> },
    Directory { now: Names, on_disk: Names },
    Link(Target),
    Node(Node),
}

/// A change that is not on the disk yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    what: What,
    /// A sync failed over it: it never gets there.
    is_doomed: bool,
}

#[derive(Clone, Debug)]
enum What {
    Bytes { inode: Id, edit: Edit },
    Name { made: Option<(Id, String, Id)>, gone: Option<(Id, String)> },
}

#[derive(Clone, Debug)]
enum Edit {
    Write { offset: u64, data: Arc<[u8]> },
    Resize { length: u64 },
}

impl Storage {
    /// A tree, all of which is on the disk.
    pub(crate) fn new(tree: &Tree) -> Self {
        let root = Inode::Directory { now: Names::new(), on_disk: Names::new() };
        let mut storage = Self { inodes: vec![root], open: BTreeMap::new(), pending: Vec::new() };
        // A directory comes before what is in it, and the first name of a file before the others.
        for (path, item) in tree {
            let inode = match item {
                Item::File(bytes) => Inode::File { now: Arc::clone(bytes), on_disk: Arc::clone(bytes) },
                Item::Directory => Inode::Directory { now: Names::new(), on_disk: Names::new() },
                Item::Link(target) => Inode::Link(target.clone()),
                Item::Node(node) => Inode::Node(*node),
                Item::SameAs(first) => {
                    if let Some(id) = storage.find(first) {
                        storage.place(path, id);
                    }
                    continue;
                }
            };
            let id = storage.make(inode);
            storage.place(path, id);
        }
        storage
    }

    /// Puts something where it stands, on the disk.
    fn place(&mut self, path: &str, id: Id) {
        let Some((parent, name)) = self.parent_of(path) else { return };
        if let Inode::Directory { now, on_disk } = &mut self.inodes[parent] {
            now.insert(name.clone(), id);
            on_disk.insert(name, id);
        }
    }

    /// Notes a change. One that does not fit what is known is left out: whoever compares with what is there will see it.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Opened { path, file, created, emptied } => self.opened(path, *file, *created, *emptied),
            Change::Wrote { file, offset, data } => {
                if let Some(&inode) = self.open.get(file) {
                    self.edit(inode, Edit::Write { offset: *offset, data: Arc::clone(data) });
                }
            }
            Change::Resized { file, path, length, only_grows } => {
                let inode = file.map_or_else(|| self.find(path), |file| self.open.get(&file).copied());
                let changes = |inode: &Id| !(*only_grows && self.length(*inode) >= *length);
                if let Some(inode) = inode.filter(changes) {
                    self.edit(inode, Edit::Resize { length: *length });
                }
            }
            Change::Synced { file } => {
                if let Some(&inode) = self.open.get(file) {
                    self.sync(inode);
                }
            }
            Change::SyncFailed { file } => {
                if let Some(&inode) = self.open.get(file) {
                    self.pending.iter_mut().filter(|pending| pending.is_of(inode)).for_each(|pending| {
                        pending.is_doomed = true;
                    });
                }
            }
            Change::Renamed { from, to } => self.renamed(from.as_deref(), to),
            Change::Linked { from, to } => {
                let inode = from.as_deref().and_then(|from| self.named(from));
                let inode = inode.unwrap_or_else(|| self.make(Inode::empty_file()));
                self.name(to, inode);
            }
            Change::Symlinked { path, target } => {
                let inode = self.make(Inode::Link(target.clone()));
                self.name(path, inode);
            }
            Change::MadeNode { path, node } => {
                let inode = self.make(Inode::Node(*node));
                self.name(path, inode);
            }
            Change::Removed { path } => {
                if let Some((parent, name)) = self.parent_of(path) {
                    self.change_names(What::Name { made: None, gone: Some((parent, name)) });
                }
            }
            Change::MadeDirectory { path } => {
                let inode = self.make(Inode::Directory { now: Names::new(), on_disk: Names::new() });
                self.name(path, inode);
            }
        }
    }

    /// What can be read now: what a crash of the process leaves.
    pub(crate) fn now(&self) -> Tree {
        tree_of(|id| match &self.inodes[id] {
            Inode::File { now, .. } => Found::File(now),
            Inode::Directory { now, .. } => Found::Directory(now),
            Inode::Link(target) => Found::Link(target),
            Inode::Node(node) => Found::Node(*node),
        })
    }

    /// What is there after a loss of power.
    pub(crate) fn after_power_loss(&self, survivors: Survivors) -> Tree {
        let mut left: Vec<Inode> = self.inodes.clone();
        for (at, pending) in self.pending.iter().enumerate() {
            let fate = if pending.is_doomed { Fate::Lost } else { pending.fate(at, survivors) };
            pending.what.reach_disk(&mut left, fate);
        }
        tree_of(|id| match &left[id] {
            Inode::File { on_disk, .. } => Found::File(on_disk),
            Inode::Directory { on_disk, .. } => Found::Directory(on_disk),
            Inode::Link(target) => Found::Link(target),
            Inode::Node(node) => Found::Node(*node),
        })
    }

    /// The changes that are not on the disk yet, in order.
    pub(super) fn pending(&self) -> &[Pending] {
        &self.pending
    }

    fn opened(&mut self, path: &str, file: u64, created: bool, emptied: bool) {
        let known = self.find(path);
        let inode = match (known, self.place_behind(path)) {
            (Some(inode), _) => inode,
            (None, Some((parent, name))) if created => {
                let inode = self.make(Inode::empty_file());
                self.change_names(What::Name { made: Some((parent, name, inode)), gone: None });
                inode
            }
            (None, _) => return,
        };
        self.open.insert(file, inode);
        if emptied {
            self.edit(inode, Edit::Resize { length: 0 });
        }
    }

    fn edit(&mut self, inode: Id, edit: Edit) {
        if let Inode::File { now, .. } = &mut self.inodes[inode] {
            edit.carry_out(Arc::make_mut(now), Fate::Kept);
            self.pending.push(Pending { what: What::Bytes { inode, edit }, is_doomed: false });
        }
    }

    fn name(&mut self, path: &str, inode: Id) {
        if let Some((parent, name)) = self.parent_of(path) {
            self.change_names(What::Name { made: Some((parent, name, inode)), gone: None });
        }
    }

    fn renamed(&mut self, from: Option<&str>, to: &str) {
        let Some((to_parent, to_name)) = self.parent_of(to) else { return };
        let inode = from.and_then(|from| self.named(from));
        let inode = inode.unwrap_or_else(|| self.make(Inode::empty_file()));
        let gone = from.and_then(|from| self.parent_of(from));
        // A rename onto another name of the same file does nothing.
        if gone.as_ref() == Some(&(to_parent, to_name.clone())) || self.named(to) == Some(inode) {
            return;
        }
        self.change_names(What::Name { made: Some((to_parent, to_name, inode)), gone });
    }

    fn change_names(&mut self, what: What) {
        if let What::Name { made, gone } = &what {
            change(&mut self.inodes, made.as_ref(), gone.as_ref(), |inode| match inode {
                Inode::Directory { now, .. } => Some(now),
                Inode::File { .. } | Inode::Link(_) | Inode::Node(_) => None,
            });
        }
        self.pending.push(Pending { what, is_doomed: false });
    }

    /// Everything that is pending for a file or a directory reaches the disk.
    fn sync(&mut self, inode: Id) {
        let mut rest = Vec::with_capacity(self.pending.len());
        for pending in std::mem::take(&mut self.pending) {
            if pending.is_doomed || !pending.is_of(inode) {
                rest.push(pending);
                continue;
            }
            pending.what.reach_disk(&mut self.inodes, Fate::Kept);
            // The new directory of a rename is synced, the old one is not: until it is, the old name may be there.
            let What::Name { made: Some((to, _, moved)), gone: Some((from, name)) } = pending.what else { continue };
            if to == inode && from != inode {
                if let Inode::Directory { on_disk, .. } = &mut self.inodes[from] {
                    on_disk.insert(name.clone(), moved);
                }
                rest.push(Pending { what: What::Name { made: None, gone: Some((from, name)) }, is_doomed: false });
            }
        }
        self.pending = rest;
    }

    fn make(&mut self, inode: Inode) -> Id {
        self.inodes.push(inode);
        self.inodes.len() - 1
    }

    fn length(&self, inode: Id) -> u64 {
        match &self.inodes[inode] {
            Inode::File { now, .. } => now.len() as u64,
            Inode::Directory { .. } | Inode::Link(_) | Inode::Node(_) => 0,
        }
    }
}

impl Inode {
    fn empty_file() -> Self {
        Self::File { now: Arc::default(), on_disk: Arc::default() }
    }
}

impl Pending {
    /// Whether a sync of this file or directory brings it to the disk.
    fn is_of(&self, synced: Id) -> bool {
        match &self.what {
            What::Bytes { inode, .. } => *inode == synced,
            What::Name { made, gone } => {
                made.as_ref().is_some_and(|(parent, ..)| *parent == synced)
                    || gone.as_ref().is_some_and(|(parent, _)| *parent == synced)
            }
        }
    }

    /// What can become of it, the best first.
    pub(super) fn fates(&self) -> &'static [Fate] {
        match &self.what {
            What::Bytes { edit: Edit::Write { data, .. }, .. } if data.len() > 1 => &Fate::ALL,
            What::Bytes { edit: Edit::Write { .. }, .. } => &[Fate::Kept, Fate::Lost, Fate::Zeros],
            What::Bytes { edit: Edit::Resize { .. }, .. } | What::Name { .. } => &[Fate::Kept, Fate::Lost],
        }
    }

    /// What becomes of it, as one of all that are pending.
    fn fate(&self, at: usize, survivors: Survivors) -> Fate {
        let is_name = matches!(self.what, What::Name { .. });
        let kept = |is_kept: bool| if is_kept { Fate::Kept } else { Fate::Lost };
        match survivors {
            Survivors::Nothing => Fate::Lost,
            Survivors::Everything => Fate::Kept,
            Survivors::Names => kept(is_name),
            Survivors::Data => kept(!is_name),
            Survivors::Zeros => {
                if is_name {
                    Fate::Kept
                } else {
                    Fate::Zeros
                }
            }
            Survivors::Short => {
                if is_name {
                    Fate::Kept
                } else {
                    Fate::Short
                }
            }
            Survivors::AllBut(number) => kept(at + 1 != number as usize),
            Survivors::Each(fates) => fates.of_each().get(at).copied().unwrap_or(Fate::Kept),
        }
    }
}

impl What {
    fn reach_disk(&self, inodes: &mut [Inode], fate: Fate) {
        if fate == Fate::Lost {
            return;
        }
        match self {
            Self::Bytes { inode, edit } => {
                if let Inode::File { on_disk, .. } = &mut inodes[*inode] {
                    edit.carry_out(Arc::make_mut(on_disk), fate);
                }
            }
            Self::Name { made, gone } => change(inodes, made.as_ref(), gone.as_ref(), |inode| match inode {
                Inode::Directory { on_disk, .. } => Some(on_disk),
                Inode::File { .. } | Inode::Link(_) | Inode::Node(_) => None,
            }),
        }
    }
}

impl Edit {
    fn carry_out(&self, bytes: &mut Vec<u8>, fate: Fate) {
        match self {
            Self::Resize { length } => bytes.resize(size(*length), 0),
            Self::Write { offset, data } => {
                let (start, count) = (size(*offset), if fate == Fate::Short { data.len() / 2 } else { data.len() });
                let end = start + count;
                bytes.resize(bytes.len().max(end), 0);
                match fate {
                    Fate::Zeros => bytes[start..end].fill(0),
                    Fate::Kept | Fate::Short | Fate::Lost => bytes[start..end].copy_from_slice(&data[..count]),
                }
            }
        }
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).expect("a file of a world fits into memory")
}

/// Makes one name and removes another.
fn change(
    inodes: &mut [Inode],
    made: Option<&(Id, String, Id)>,
    gone: Option<&(Id, String)>,
    names: impl Fn(&mut Inode) -> Option<&mut Names>,
) {
    if let Some((parent, name)) = gone {
        if let Some(names) = names(&mut inodes[*parent]) {
            names.remove(name);
        }
    }
    if let Some((parent, name, inode)) = made {
        if let Some(names) = names(&mut inodes[*parent]) {
            names.insert(name.clone(), *inode);
        }
    }
}

/// An inode as one of the two sides holds it.
enum Found<'f> {
    File(&'f Arc<Vec<u8>>),
    Directory(&'f Names),
    Link(&'f Target),
    Node(Node),
}

fn tree_of<'f>(look: impl Fn(Id) -> Found<'f>) -> Tree {
    let mut found = BTreeMap::new();
    collect(ROOT, "", &mut found, &look);
    with_names(found)
}

fn collect<'f>(id: Id, path: &str, found: &mut BTreeMap<String, (Option<Id>, Item)>, look: &impl Fn(Id) -> Found<'f>) {
    let Found::Directory(names) = look(id) else { return };
    for (name, &child) in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if !is_followed(&path) {
            continue;
        }
        let item = match look(child) {
            Found::File(bytes) => (Some(child), Item::File(Arc::clone(bytes))),
            Found::Directory(_) => (None, Item::Directory),
            Found::Link(target) => (None, Item::Link(target.clone())),
            Found::Node(node) => (None, Item::Node(node)),
        };
        let is_directory = item.1 == Item::Directory;
        found.insert(path.clone(), item);
        if is_directory {
            collect(child, &path, found, look);
        }
    }
}
