//! Each line of the contract, both ways.

use super::choices::SINGLE;
use super::*;
use crate::fault::{Fate, Fates, Survivors};

fn file(text: &str) -> Item {
    Item::File(Arc::new(text.as_bytes().to_vec()))
}

/// Changes, in words: `create 1 a`, `write 1 text`, `write 1 @3 text`, `sync 1`, `open 2 .`, `rename a b`, `remove a`,
/// `symlink a b`, `absolute a b`, `pipe a`, `mkdir d`, `cut 1 5`, `grow 1 5`, `truncate a 5`, `arrive a`, `fail 1`.
fn storage(base: &[(&str, Item)], changes: &[&str]) -> Storage {
    let tree: Tree = base.iter().map(|(path, item)| ((*path).to_owned(), item.clone())).collect();
    let mut storage = Storage::new(&tree);
    for line in changes {
        storage.apply(&change(line));
    }
    storage
}

fn change(line: &str) -> Change {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| words[at].parse().expect("a number");
    let path = |at: usize| words[at].to_owned();
    match words[0] {
        "create" => Change::Opened { path: path(2), file: number(1), created: true, emptied: false },
        "open" => Change::Opened { path: path(2).replace('.', ""), file: number(1), created: false, emptied: false },
        "empty" => Change::Opened { path: path(2), file: number(1), created: false, emptied: true },
        "write" => {
            let (offset, text) = match words[2].strip_prefix('@') {
                Some(offset) => (offset.parse().expect("an offset"), words[3]),
                None => (0, words[2]),
            };
            Change::Wrote { file: number(1), offset, data: text.as_bytes().into() }
        }
        "cut" => Change::Resized { file: Some(number(1)), path: String::new(), length: number(2), only_grows: false },
        "grow" => Change::Resized { file: Some(number(1)), path: String::new(), length: number(2), only_grows: true },
        "truncate" => Change::Resized { file: None, path: path(1), length: number(2), only_grows: false },
        "arrive" => Change::Renamed { from: None, to: path(1) },
        "sync" => Change::Synced { file: number(1) },
        "fail" => Change::SyncFailed { file: number(1) },
        "rename" => Change::Renamed { from: Some(path(1)), to: path(2) },
        "link" => Change::Linked { from: Some(path(1)), to: path(2) },
        "remove" => Change::Removed { path: path(1) },
        "symlink" => Change::Symlinked { path: path(1), target: Target::AsSaid(path(2)) },
        "absolute" => Change::Symlinked { path: path(1), target: Target::Within(path(2)) },
        "pipe" => Change::MadeNode { path: path(1), node: Node::Pipe },
        "mkdir" => Change::MadeDirectory { path: path(1) },
        other => panic!("no change: {other}"),
    }
}

fn shown(tree: &Tree) -> String {
    let items = tree.iter().map(|(path, item)| match item {
        Item::File(bytes) => format!("{path}={}", String::from_utf8_lossy(bytes).replace('\0', "0")),
        Item::Directory => format!("{path}/"),
        Item::Link(Target::AsSaid(target)) => format!("{path}>{target}"),
        Item::Link(Target::Within(target)) => format!("{path}>>{target}"),
        Item::SameAs(first) => format!("{path}=={first}"),
        Item::Node(node) => format!("{path}|{node:?}"),
    });
    items.collect::<Vec<_>>().join(" ")
}

fn check(changes: &[&str], survivors: Survivors, left: &str) {
    let base = [("d", Item::Directory), ("old", file("old"))];
    assert_eq!(shown(&storage(&base, changes).after_power_loss(survivors)), left, "{changes:?} {survivors}");
}

#[test]
fn what_was_there_stays() {
    for survivors in [Survivors::Nothing, Survivors::Everything, Survivors::Names, Survivors::Data] {
        check(&[], survivors, "d/ old=old");
    }
}

#[test]
fn unsynced_bytes_may_be_missing_zero_or_short() {
    let changes = ["open 1 old", "write 1 @3 new!"];
    check(&changes, Survivors::Nothing, "d/ old=old");
    check(&changes, Survivors::Zeros, "d/ old=old0000");
    check(&changes, Survivors::Short, "d/ old=oldne");
    check(&changes, Survivors::Everything, "d/ old=oldnew!");
    let changes = ["open 1 old", "write 1 @3 new!", "sync 1", "write 1 @0 OLD"];
    check(&changes, Survivors::Nothing, "d/ old=oldnew!");
    check(&changes, Survivors::Zeros, "d/ old=000new!");
}

#[test]
fn an_unsynced_length_may_be_the_old_one() {
    check(&["empty 1 old", "write 1 n"], Survivors::Nothing, "d/ old=old");
    check(&["empty 1 old", "write 1 n"], Survivors::AllBut(1), "d/ old=nld");
    check(&["empty 1 old", "write 1 n"], Survivors::AllBut(2), "d/ old=");
    check(&["open 1 old", "cut 1 1", "sync 1"], Survivors::Nothing, "d/ old=o");
}

#[test]
fn syncing_a_file_does_not_sync_its_name() {
    let changes = ["create 1 d/a", "write 1 text", "sync 1"];
    check(&changes, Survivors::Nothing, "d/ old=old");
    check(&changes, Survivors::Names, "d/ d/a=text old=old");
    check(&["create 1 d/a", "write 1 text", "open 2 d", "sync 2"], Survivors::Nothing, "d/ d/a= old=old");
    check(&["create 1 d/a", "write 1 text", "sync 1", "open 2 d", "sync 2"], Survivors::Nothing, "d/ d/a=text old=old");
}

#[test]
fn names_without_bytes_and_bytes_without_names() {
    let changes = ["create 1 a", "write 1 text", "open 2 old", "write 2 OLD"];
    check(&changes, Survivors::Names, "a= d/ old=old");
    check(&changes, Survivors::Data, "d/ old=OLD");
    check(&changes, Survivors::Zeros, "a=0000 d/ old=000");
}

#[test]
fn a_rename_happens_as_a_whole_or_not_at_all() {
    let changes = ["create 1 d/t", "write 1 text", "sync 1", "open 2 d", "sync 2", "rename d/t d/a"];
    check(&changes, Survivors::Nothing, "d/ d/t=text old=old");
    check(&changes, Survivors::Everything, "d/ d/a=text old=old");
    let synced = [&changes[..], &["sync 2"]].concat();
    check(&synced, Survivors::Nothing, "d/ d/a=text old=old");
}

#[test]
fn a_rename_between_directories_may_leave_both_names_and_never_none() {
    let changes = ["create 1 d/t", "write 1 text", "sync 1", "open 2 d", "sync 2", "rename d/t a"];
    check(&changes, Survivors::Nothing, "d/ d/t=text old=old");
    let new_synced = [&changes[..], &["open 3 .", "sync 3"]].concat();
    check(&new_synced, Survivors::Nothing, "a=text d/ d/t==a old=old");
    let old_synced = [&changes[..], &["sync 2"]].concat();
    check(&old_synced, Survivors::Nothing, "a=text d/ old=old");
}

#[test]
fn an_overwriting_rename_keeps_the_old_file_until_it_is_synced() {
    let changes = ["create 1 t", "write 1 new", "sync 1", "rename t old"];
    check(&changes, Survivors::Nothing, "d/ old=old");
    check(&changes, Survivors::AllBut(1), "d/ old=new");
    check(&["create 1 t", "write 1 new", "rename t old"], Survivors::Names, "d/ old=");
}

#[test]
fn a_removed_name_may_come_back_with_what_was_synced() {
    let changes = ["create 1 d/a", "write 1 text", "sync 1", "open 2 d", "sync 2", "remove d/a"];
    check(&changes, Survivors::Nothing, "d/ d/a=text old=old");
    check(&changes, Survivors::Everything, "d/ old=old");
    check(&[&changes[..], &["sync 2"]].concat(), Survivors::Nothing, "d/ old=old");
}

#[test]
fn what_stands_in_a_lost_directory_is_lost() {
    let changes = ["mkdir n", "create 1 n/a", "write 1 text", "sync 1", "open 2 n", "sync 2"];
    check(&changes, Survivors::Nothing, "d/ old=old");
    check(&[&changes[..], &["open 3 .", "sync 3"]].concat(), Survivors::Nothing, "d/ n/ n/a=text old=old");
}

#[test]
fn a_failed_sync_dooms_what_it_did_not_write() {
    let changes = ["open 1 old", "write 1 NEW", "fail 1", "sync 1"];
    for survivors in [Survivors::Nothing, Survivors::Everything] {
        check(&changes, survivors, "d/ old=old");
    }
    let rewritten = [&changes[..], &["write 1 NEW", "sync 1"]].concat();
    check(&rewritten, Survivors::Everything, "d/ old=NEW");
    assert_eq!(shown(&storage(&[("old", file("old"))], &changes).now()), "old=NEW");
}

#[test]
fn each_fate_can_be_said_where_changes_are_few() {
    let fates = Fates::new(&[Fate::Kept, Fate::Short, Fate::Lost]).expect("few");
    check(&["create 1 a", "write 1 text", "write 1 @4 more"], Survivors::Each(fates), "a=te d/ old=old");
}

#[test]
fn what_is_read_now_is_what_was_done() {
    let changes = ["create 1 a", "write 1 text", "link a b", "mkdir n", "rename a n/a", "remove old", "write 1 @4 !"];
    assert_eq!(shown(&storage(&[("old", file("old"))], &changes).now()), "b=text! n/ n/a==b");
}

#[test]
fn the_worlds_that_are_tried_are_all_where_they_are_few_and_the_named_ones_elsewhere() {
    let few = storage(&[], &["create 1 a", "write 1 text"]);
    let worlds: std::collections::BTreeSet<String> =
        few.choices().into_iter().map(|survivors| shown(&few.after_power_loss(survivors))).collect();
    assert_eq!(worlds.into_iter().collect::<Vec<_>>(), ["", "a=", "a=0000", "a=te", "a=text"]);

    let writes: Vec<String> = (0..100).map(|at| format!("write 1 @{at} x")).collect();
    let changes: Vec<&str> = std::iter::once("create 1 a").chain(writes.iter().map(String::as_str)).collect();
    let many = storage(&[], &changes).choices();
    assert_eq!(many.len(), 6 + SINGLE);
    assert!(many.contains(&Survivors::AllBut(1)) && many.contains(&Survivors::AllBut(101)), "{many:?}");
    assert_eq!(storage(&[], &[]).choices(), [Survivors::Nothing]);
}

#[test]
fn a_change_through_a_link_is_one_of_what_it_leads_to() {
    let base = [("d", Item::Directory), ("d/a", file("old")), ("n", Item::Directory)];
    let now = |changes: &[&str]| shown(&storage(&base, changes).now());
    assert_eq!(now(&["symlink l d/a", "open 1 l", "write 1 new"]), "d/ d/a=new l>d/a n/");
    assert_eq!(now(&["symlink l ./d//a", "open 1 l", "write 1 new"]), "d/ d/a=new l>./d//a n/");
    assert_eq!(now(&["symlink n/up ../d", "create 1 n/up/b", "write 1 b"]), "d/ d/a=old d/b=b n/ n/up>../d");
    assert_eq!(now(&["absolute l d", "open 1 l/a", "cut 1 1", "mkdir l/m"]), "d/ d/a=o d/m/ l>>d n/");
    assert_eq!(now(&["symlink l d/new", "create 1 l", "write 1 b"]), "d/ d/a=old d/new=b l>d/new n/");
    assert_eq!(now(&["symlink l m", "symlink m d", "remove l/a"]), "d/ l>m m>d n/");
    // The link itself is moved and removed, and not what it leads to.
    assert_eq!(now(&["symlink l d/a", "rename l n/l"]), "d/ d/a=old n/ n/l>d/a");
    assert_eq!(now(&["symlink l d/a", "link l k", "remove l"]), "d/ d/a=old k>d/a n/");
    // Nobody knows what is there.
    for target in ["/d/a", "../d/a", "l", "d/a/b"] {
        let link = format!("symlink l {target}");
        assert_eq!(now(&[&link, "create 1 l", "write 1 x"]), format!("d/ d/a=old l>{target} n/"));
    }
}

#[test]
fn names_of_one_file_stay_names_of_one_file() {
    let changes = ["link d/a n", "link d/a d/b", "symlink l n", "pipe p"];
    let made = storage(&[("d", Item::Directory), ("d/a", file("old"))], &changes).now();
    assert_eq!(shown(&made), "d/ d/a=old d/b==d/a l>n n==d/a p|Pipe");
    let mut again = Storage::new(&made);
    assert_eq!(again.now(), made);
    for line in ["open 1 l", "write 1 new", "rename p d/p"] {
        again.apply(&change(line));
    }
    assert_eq!(shown(&again.now()), "d/ d/a=new d/b==d/a d/p|Pipe l>n n==d/a");
}

#[test]
fn a_file_that_only_grows_stays_as_long_as_it_is() {
    let base = [("old", file("old"))];
    for (changes, now, is_pending) in [
        (["open 1 old", "grow 1 2"], "old=old", false),
        (["open 1 old", "grow 1 3"], "old=old", false),
        (["open 1 old", "grow 1 5"], "old=old00", true),
        (["open 1 old", "truncate old 1"], "old=o", true),
    ] {
        let storage = storage(&base, &changes);
        assert_eq!(shown(&storage.now()), now, "{changes:?}");
        assert_eq!(storage.choices().len() > 1, is_pending, "{changes:?}");
    }
}

#[test]
fn a_rename_to_where_the_file_is_changes_nothing_and_one_from_outside_brings_a_file() {
    let base = [("d", Item::Directory), ("d/a", file("old")), ("n", Item::SameAs("d/a".to_owned()))];
    for line in ["rename d/a d/a", "rename d/a n"] {
        let storage = storage(&base, &[line]);
        assert_eq!(shown(&storage.now()), "d/ d/a=old n==d/a", "{line}");
        assert_eq!(storage.choices(), [Survivors::Nothing], "{line}");
    }
    assert_eq!(shown(&storage(&base, &["rename d/a m"]).now()), "d/ m=old n==m");
    assert_eq!(shown(&storage(&base, &["arrive d/b"]).now()), "d/ d/a=old d/b= n==d/a");
}

#[test]
fn what_the_engine_of_the_database_keeps_in_mapped_memory_is_no_part_of_it() {
    let changes = ["create 1 a-shm", "write 1 x", "create 2 a-wal", "write 2 y"];
    assert_eq!(shown(&storage(&[], &changes).now()), "a-wal=y");
}

#[test]
fn so_many_links_in_a_row_are_followed_and_no_more() {
    let written = |links: usize| {
        let link = |at: usize| match at {
            1 => "symlink l1 a".to_owned(),
            at => format!("symlink l{at} l{}", at - 1),
        };
        let links: Vec<String> = (1..=links).map(link).collect();
        let last = format!("open 1 l{}", links.len());
        let changes: Vec<&str> = links.iter().map(String::as_str).chain([last.as_str(), "write 1 new"]).collect();
        storage(&[("a", file("old"))], &changes).now()["a"] == file("new")
    };
    assert!(written(40) && !written(41));
}

/// Up to 5 changes and 32 combinations all of them, and elsewhere all but one, at even distances.
#[test]
fn how_many_worlds_are_tried_is_what_the_contract_says() {
    let tried = |names: usize, writes: usize| {
        let names = (0..names).map(|at| format!("mkdir d{at}"));
        let writes = (0..writes).map(|at| format!("write 1 @{at} xx"));
        let changes: Vec<String> = ["open 1 old".to_owned()].into_iter().chain(names).chain(writes).collect();
        let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
        storage(&[("old", file("old"))], &changes).choices()
    };
    let single = |numbers: &[u32]| numbers.iter().map(|&number| Survivors::AllBut(number)).collect::<Vec<_>>();
    assert_eq!(tried(5, 0).len(), 6 + 32);
    assert_eq!(tried(3, 1).len(), 6 + 32);
    assert_eq!(tried(4, 1)[6..], single(&[1, 2, 3, 4, 5]), "there are 64 combinations");
    assert_eq!(tried(6, 0)[6..], single(&[1, 2, 3, 4, 5, 6]));
    let odd: Vec<u32> = (0..16).map(|at| at * 2 + 1).collect();
    assert_eq!(tried(31, 0)[6..], single(&odd));
    let few = tried(2, 0);
    let each: Vec<String> = few[6..].iter().map(ToString::to_string).collect();
    assert_eq!(each.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "each is another one: {each:?}");
}

#[test]
fn what_opens_a_file_that_is_not_known_makes_none_unless_it_says_so() {
    assert_eq!(shown(&storage(&[], &["open 1 a", "write 1 text"]).now()), "");
    assert_eq!(shown(&storage(&[], &["create 1 a", "write 1 text"]).now()), "a=text");
}

#[test]
fn one_byte_is_not_written_in_part() {
    let tried =
        |text: &str| storage(&[("old", file("old"))], &["open 1 old", &format!("write 1 {text}")]).choices().len();
    assert_eq!((tried("x"), tried("xy")), (6 + 3, 6 + 4));
}
