//! Worlds with everything in them that a directory and a database can hold: seen as what it is, copied, planted, removed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{Site, Workshop};
use crate::disk;
use crate::observe::{Entry, Folder, Observation, Special, Value};

fn workshop() -> Workshop {
    Workshop::open().expect("a workshop")
}

fn seen(site: &Site) -> Observation {
    seen_without(site, &[])
}

fn seen_without(site: &Site, ignored: &[&str]) -> Observation {
    let ignored: BTreeSet<String> = ignored.iter().map(|&name| name.to_owned()).collect();
    site.observe(None, &Observation::default(), &ignored).expect("whatever is there can be looked at")
}

fn files(site: &Site) -> Vec<String> {
    let shown = |(path, entry): (&String, &Entry)| match entry {
        Entry::File(bytes) => format!("{path}={}", String::from_utf8_lossy(bytes)),
        Entry::EmptyDirectory => format!("{path}/"),
        Entry::Link(target) => format!("{path}>{target}"),
        Entry::Special(special) => format!("{path}|{}", special.name()),
        Entry::Unreadable(reason) => format!("{path}!{reason}"),
    };
    seen(site).files.iter().map(shown).collect()
}

/// The world itself, a copy of it, and one that was planted from what was read of it: all look the same.
fn check_files(site: &Site, workshop: &Workshop, expected: &[&str]) {
    assert_eq!(files(site), expected);
    let copy = site.copy(workshop).expect("whatever is there can be copied");
    assert_eq!(files(&copy), expected, "a copy");
    let planted = Site::plant(&site.tree().expect("whatever is there can be read"), workshop).expect("planted");
    assert_eq!(files(&planted), expected, "planted");
    assert_eq!(copy.tree().expect("read"), site.tree().expect("read"));
    assert_eq!(files(&copy.copy(workshop).expect("a copy of the copy")), expected, "a copy of a copy");
}

fn check(make: impl Fn(&Path), expected: &[&str]) {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    make(site.world().dir());
    check_files(&site, &workshop, expected);
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
}

#[cfg(unix)]
fn symlink(target: impl AsRef<Path>, path: &Path) {
    std::os::unix::fs::symlink(target, path).expect("linked");
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_is_seen_as_a_link_wherever_it_leads() {
    check(
        |dir| {
            fs::create_dir(dir.join("d")).expect("made");
            write(&dir.join("d/f"), "text");
            symlink("d/f", &dir.join("to-file"));
            symlink("d", &dir.join("to-folder"));
            symlink("nothing", &dir.join("to-nowhere"));
            symlink("/etc/hostname", &dir.join("out"));
            symlink("loop", &dir.join("loop"));
            symlink("../to-folder", &dir.join("d/up"));
            symlink(dir.join("d/f"), &dir.join("absolute"));
            symlink(dir, &dir.join("d/home"));
        },
        &[
            "absolute>d/f",
            "d/f=text",
            "d/home>.",
            "d/up>to-folder",
            "loop>loop",
            "out>/etc/hostname",
            "to-file>d/f",
            "to-folder>d",
            "to-nowhere>nothing",
        ],
    );
}

#[test]
#[cfg(unix)]
fn a_copied_link_never_leads_into_the_world_that_was_copied() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    let dir = site.world().dir().to_owned();
    write(&dir.join("f"), "text");
    symlink(dir.join("f"), &dir.join("absolute"));
    let planted = Site::plant(&site.tree().expect("read"), &workshop).expect("planted");
    for other in [site.copy(&workshop).expect("a copy"), planted] {
        let copied = other.world().dir().to_owned();
        assert_eq!(fs::read_link(copied.join("absolute")).expect("a link"), copied.join("f"));
        write(&copied.join("absolute"), "changed");
        assert_eq!(fs::read_to_string(copied.join("f")).expect("there"), "changed");
    }
    assert_eq!(fs::read_to_string(dir.join("f")).expect("there"), "text");
}

#[test]
#[cfg(unix)]
fn names_of_one_file_are_names_of_one_file_in_a_copy() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    let dir = site.world().dir().to_owned();
    fs::create_dir(dir.join("d")).expect("made");
    write(&dir.join("d/z"), "text");
    fs::hard_link(dir.join("d/z"), dir.join("d-a")).expect("linked");
    check_files(&site, &workshop, &["d-a=text", "d/z=text"]);
    let planted = Site::plant(&site.tree().expect("read"), &workshop).expect("planted");
    for other in [site.copy(&workshop).expect("a copy"), planted] {
        write(&other.world().dir().join("d-a"), "changed");
        assert_eq!(files(&other), ["d-a=changed", "d/z=changed"]);
    }
    assert_eq!(files(&site), ["d-a=text", "d/z=text"]);
}

#[test]
#[cfg(target_os = "linux")]
fn pipes_and_sockets_are_seen_and_never_opened() {
    check(
        |dir| {
            disk::Node::Pipe.make(&dir.join("pipe")).expect("made");
            drop(std::os::unix::net::UnixListener::bind(dir.join("socket")).expect("bound"));
            write(&dir.join("text"), "text");
        },
        &["pipe|a named pipe", "socket|a socket", "text=text"],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_seen_where_one_can_be_made() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    // The zero device; only the administrator can make one.
    let number = 0x105;
    if disk::Node::CharacterDevice(number).make(&site.world().dir().join("zero")).is_ok() {
        check_files(&site, &workshop, &["zero|a device"]);
        assert_eq!(seen(&site).files["zero"], Entry::Special(Special::CharacterDevice(number)));
    }
}

#[test]
#[cfg(unix)]
fn names_that_are_no_text_and_long_ones_are_told_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let long = "n".repeat(255);
    check(
        |dir| {
            for (name, text) in [(b"a\xff".as_slice(), "1"), (b"a\xfe", "2"), (b"a\\xff", "3")] {
                write(&dir.join(OsStr::from_bytes(name)), text);
            }
            fs::create_dir(dir.join(OsStr::from_bytes(b"\xc3"))).expect("made");
            write(&dir.join(OsStr::from_bytes(b"\xc3")).join(&long), "4");
            symlink(OsStr::from_bytes(b"a\xff"), &dir.join("l"));
        },
        &[&format!("\\xc3/{long}=4"), "a\\x5cxff=3", "a\\xfe=2", "a\\xff=1", "l>a\\xff"],
    );
}

#[test]
#[cfg(unix)]
fn what_nobody_may_read_is_seen_copied_and_removed() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::symlink_metadata(path).expect("there").permissions().mode() & 0o777;
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    let dir = site.world().dir().to_owned();
    fs::create_dir(dir.join("locked")).expect("made");
    fs::create_dir(dir.join("locked/d")).expect("made");
    write(&dir.join("locked/d/f"), "text");
    write(&dir.join("secret"), "hidden");
    for path in ["locked/d", "locked", "secret"] {
        fs::set_permissions(dir.join(path), fs::Permissions::from_mode(0)).expect("locked");
    }
    check_files(&site, &workshop, &["locked/d/f=text", "secret=hidden"]);
    let copy = site.copy(&workshop).expect("a copy");
    for world in [&site, &copy] {
        for path in ["locked", "secret"] {
            assert_eq!(mode(&world.world().dir().join(path)), 0, "{path} is as the application left it");
        }
    }
    let root = copy.root().to_owned();
    drop(copy);
    assert!(!root.exists(), "the world is removed");
    let root = workshop.next_path().parent().expect("a workshop is a directory").to_owned();
    std::mem::forget(site);
    drop(workshop);
    assert!(!root.exists(), "the workshop leaves nothing behind");
}

#[test]
fn a_world_without_its_folders_is_empty() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    write(&site.world().dir().join("f"), "text");
    fs::remove_dir_all(site.world().dir()).expect("removed");
    check_files(&site, &workshop, &[]);
    assert_eq!(seen(&site).missing, [Folder::Files].into());
    // Something else took its place.
    write(site.world().dir(), "a file");
    check_files(&site, &workshop, &[".=a file"]);
    assert_eq!(seen(&site).missing, [Folder::Files].into());
    fs::remove_dir_all(site.root()).expect("removed");
    check_files(&site, &workshop, &[]);
    assert_eq!(seen(&site).missing, [Folder::Files, Folder::Database].into());
    assert_eq!(seen(&site).damage, None);
}

#[test]
fn what_is_moved_out_of_the_directory_is_seen_beside_it() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    let dir = site.world().dir().to_owned();
    write(&dir.join("f"), "text");
    write(&site.root().join("database/notes.txt"), "beside the database");
    fs::rename(&dir, dir.with_file_name("files.old")).expect("moved");
    check_files(&site, &workshop, &["../database/notes.txt=beside the database", "../files.old/f=text"]);
}

fn database(site: &Site) -> Connection {
    Connection::open(site.root().join("database/world.sqlite")).expect("a database")
}

fn check_tables(statements: &str, expected: &[(&str, &[&str], usize)]) -> Observation {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    database(&site).execute_batch(statements).expect("carried out");
    let seen = seen(&site);
    assert_eq!(seen.damage, None, "{statements}");
    let tables = seen.tables.iter().map(|(name, table)| {
        let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        (name.as_str(), columns, table.rows.len())
    });
    let expected: Vec<_> = expected.iter().map(|&(name, columns, rows)| (name, columns.to_vec(), rows)).collect();
    assert_eq!(tables.collect::<Vec<_>>(), expected, "{statements}");
    seen
}

fn objects(seen: &Observation) -> Vec<String> {
    seen.schema.objects.keys().map(|(kind, name)| format!("{} {name}", kind.name())).collect()
}

#[test]
fn tables_of_every_kind_are_dumped() {
    check_tables(
        "CREATE TABLE a (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO a VALUES ('k', 1);
         CREATE TABLE b (n INTEGER, t TEXT) STRICT; INSERT INTO b VALUES (1, 'x');
         CREATE TABLE c (n INTEGER, twice AS (n * 2), stored AS (n + 1) STORED); INSERT INTO c (n) VALUES (1);
         CREATE TABLE \"a \"\"table\"\"; of 'mine'\" (\"select\" TEXT, [ä b]); INSERT INTO \"a \"\"table\"\"; of 'mine'\" VALUES (1, 2);
         CREATE VIEW v AS SELECT * FROM gone;
         CREATE TABLE s (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO s DEFAULT VALUES; ANALYZE;",
        &[
            ("a", &["k", "v"], 1),
            ("a \"table\"; of 'mine'", &["select", "ä b"], 1),
            ("b", &["n", "t"], 1),
            ("c", &["n", "twice", "stored"], 1),
            ("s", &["id"], 1),
        ],
    );
}

#[test]
fn a_column_that_cannot_be_computed_is_left_out() {
    let seen = check_tables(
        "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('no json');
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a TEXT, b AS (json_extract(a, ''$.x'')))';",
        &[("t", &["a"], 1)],
    );
    assert_eq!(seen.tables["t"].rows[0][0], Value::from("no json"));
}

#[test]
fn a_virtual_table_is_looked_at_through_itself() {
    let seen = check_tables(
        "CREATE VIRTUAL TABLE docs USING fts5(title, body); INSERT INTO docs VALUES ('a', 'b');
         CREATE VIRTUAL TABLE spots USING rtree(id, x0, x1); INSERT INTO spots VALUES (1, 2.0, 3.0);
         CREATE TABLE docs_mine (a);",
        &[("docs", &["title", "body"], 1), ("docs_mine", &["a"], 0), ("spots", &["id", "x0", "x1"], 1)],
    );
    assert_eq!(objects(&seen), ["table docs", "table docs_mine", "table spots"]);
}

#[test]
fn a_virtual_table_that_cannot_be_looked_at_is_none_of_the_tables() {
    let seen = check_tables(
        "CREATE TABLE t (a); CREATE VIRTUAL TABLE d USING fts5(a, content='c'); 
         PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('table', 'u', 'u', 0, 'CREATE VIRTUAL TABLE u USING nobody_knows(a)');",
        &[("t", &["a"], 0)],
    );
    assert_eq!(objects(&seen), ["table d", "table t", "table u"]);
}

#[test]
fn an_ignored_table_is_not_seen_and_neither_is_what_belongs_to_it() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    database(&site)
        .execute_batch(
            "CREATE TABLE Cache (a); INSERT INTO Cache VALUES (1); CREATE INDEX i ON cache (a);
             CREATE TABLE t (a); CREATE INDEX j ON t (a);
             CREATE TRIGGER r AFTER INSERT ON Cache BEGIN SELECT 1; END;",
        )
        .expect("carried out");
    let seen = seen_without(&site, &["cache"]);
    assert_eq!(seen.tables.keys().collect::<Vec<_>>(), ["t"]);
    assert_eq!(objects(&seen), ["table t", "index j"]);
}

#[test]
fn a_schema_that_is_as_it_was_is_shared() {
    let workshop = workshop();
    let site = Site::new(&workshop).expect("a world");
    database(&site).execute_batch("CREATE TABLE t (a); CREATE INDEX i ON t (a);").expect("carried out");
    let first = seen(&site);
    let again = site.observe(None, &first, &BTreeSet::new()).expect("seen");
    assert!(std::sync::Arc::ptr_eq(&first.schema, &again.schema));
    database(&site).execute_batch("DROP INDEX i").expect("carried out");
    let third = site.observe(None, &first, &BTreeSet::new()).expect("seen");
    assert_eq!(objects(&third), ["table t"]);
}

#[test]
fn texts_that_are_no_text_are_told_apart_and_utf_16_is_read() {
    let seen = check_tables(
        "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('äöü');",
        &[("t", &["a"], 1)],
    );
    assert_eq!(seen.tables["t"].rows[0][0], Value::from("äöü"));
    let seen = check_tables(
        "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (CAST(x'61FF' AS TEXT)), (CAST(x'61FE' AS TEXT));",
        &[("t", &["a"], 2)],
    );
    assert_ne!(seen.tables["t"].rows[0], seen.tables["t"].rows[1]);
}

#[test]
fn a_database_that_is_none_is_damaged_and_an_empty_one_has_no_tables() {
    let check = |make: &dyn Fn(&Path), damage: Option<&str>| {
        let workshop = workshop();
        let site = Site::new(&workshop).expect("a world");
        make(&site.root().join("database/world.sqlite"));
        let seen = seen(&site.copy(&workshop).expect("a copy"));
        assert_eq!(seen.damage.as_deref(), damage);
        assert!(seen.tables.is_empty());
    };
    check(&|_| {}, None);
    check(&|path| write(path, ""), None);
    check(&|path| write(path, &"no database ".repeat(100)), Some("file is not a database"));
    check(&|path| fs::create_dir(path).expect("made"), Some("a directory stands in its place"));
    check(&|path| fs::remove_dir(path.parent().expect("a folder")).expect("removed"), None);
}

#[test]
fn a_database_is_seen_in_any_journal_mode_and_while_somebody_keeps_it_locked() {
    for mode in ["delete", "truncate", "persist", "memory", "off", "wal"] {
        let workshop = workshop();
        let site = Site::new(&workshop).expect("a world");
        let holder = database(&site);
        let begin = format!(
            "PRAGMA page_size = 512; PRAGMA auto_vacuum = FULL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = {mode};
             CREATE TABLE t (a); INSERT INTO t VALUES (1);"
        );
        holder.execute_batch(&begin).expect("carried out");
        let rows = |site: &Site| seen(site).tables["t"].rows.len();
        assert_eq!(rows(&site), 1, "{mode}, locked");
        holder.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (2);").expect("carried out");
        assert_eq!(rows(&site), 1, "{mode}, within a transaction");
        holder.execute_batch("COMMIT;").expect("carried out");
        assert_eq!(rows(&site), 2, "{mode}, afterwards");
        drop(holder);
        assert_eq!(rows(&site), 2, "{mode}, closed");
        assert_eq!(rows(&site.copy(&workshop).expect("a copy")), 2, "{mode}, copied");
        assert!(!site.root().join("looked-at").exists());
    }
}
