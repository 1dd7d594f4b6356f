//! Looking at a world from outside: what a stranger's import can leave in a database or in a directory is found, and
//! never makes the run fail. The truth about each import is reasoned here before it is run.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

#[path = "looking/doing.rs"]
mod doing;

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use doing::{Doing, Place, check, check_with, nothing, told, worst};
use halfway::Rules;
use halfway::fault::FaultClass;
use halfway::judge::{Criterion as C, Grade as G};

const DOCUMENTS: &str = "CREATE TABLE documents (title TEXT PRIMARY KEY, path TEXT);
    CREATE INDEX documents_by_path ON documents (path);
    CREATE TABLE audit (line TEXT);
    CREATE TRIGGER audited AFTER INSERT ON documents BEGIN INSERT INTO audit VALUES (new.title); END;";

const INSERT: &str = "INSERT OR IGNORE INTO documents VALUES ('a', NULL)";

fn documents(place: &Place) -> io::Result<()> {
    place.sql(DOCUMENTS)
}

/// It drops an index for the time of the import. A retry makes it again, and nothing else does.
const DROPS_AN_INDEX: Doing = Doing {
    name: "drops-an-index",
    prepare: documents,
    steps: &[
        ("drop-index", |place| place.sql("DROP INDEX IF EXISTS documents_by_path")),
        ("insert", |place| place.sql(INSERT)),
        ("make-index", |place| place.sql("CREATE INDEX IF NOT EXISTS documents_by_path ON documents (path)")),
    ],
    ..Doing::NOTHING
};

#[test]
fn an_index_that_is_gone_is_found() {
    let explored = check(DROPS_AN_INDEX);
    assert_eq!(worst(&explored, C::AllOrNothing), G::HealedByRetry);
    assert_eq!(worst(&explored, C::RetryConverges), G::Held);
    let left = told(DROPS_AN_INDEX, "drop-index#1:after=crash");
    assert_eq!(left, ["the index documents_by_path is gone"]);
}

/// It fills a table of its own, and drops it at the end. The table is empty when it is made.
const STAGES: Doing = Doing {
    name: "stages",
    prepare: documents,
    steps: &[
        ("make-staging", |place| place.sql("CREATE TABLE IF NOT EXISTS staging (title TEXT)")),
        ("insert", |place| place.sql(INSERT)),
        ("drop-staging", |place| place.sql("DROP TABLE IF EXISTS staging")),
    ],
    ..Doing::NOTHING
};

#[test]
fn an_empty_table_that_is_left_is_found_unless_it_is_ignored() {
    assert_eq!(worst(&check(STAGES), C::AllOrNothing), G::HealedByRetry);
    assert_eq!(told(STAGES, "make-staging#1:after=crash"), ["the table staging is more"]);
    let ignored = Doing { rules: || Rules::new().ignore_table("Staging"), ..STAGES };
    assert_eq!(told(ignored, "make-staging#1:after=crash"), [""; 0]);
    // The row alone is written in one statement.
    assert_eq!(worst(&check(ignored), C::AllOrNothing), G::Held);
}

/// It makes the trigger again only if it dropped it itself: an import that begins without the trigger ends without it.
const FORGETS_A_TRIGGER: Doing = Doing {
    name: "forgets-a-trigger",
    prepare: documents,
    steps: &[
        ("drop-trigger", |place| {
            if place.count("SELECT count(*) FROM sqlite_schema WHERE name = 'audited'")? == 1 {
                fs::write(place.dir.join("../dropped"), "")?;
            } else {
                let _ = fs::remove_file(place.dir.join("../dropped"));
            }
            place.sql("DROP TRIGGER IF EXISTS audited")
        }),
        ("insert", |place| place.sql(INSERT)),
        ("make-trigger", |place| match fs::remove_file(place.dir.join("../dropped")) {
            Ok(()) => place.sql(
                "create trigger \"audited\" after insert on [documents]
                 begin insert into audit values (new.title); /* as before */ end",
            ),
            Err(_) => Ok(()),
        }),
    ],
    ..Doing::NOTHING
};

#[test]
fn a_trigger_that_no_retry_brings_back_is_a_violation() {
    let explored = check(FORGETS_A_TRIGGER);
    assert_eq!(worst(&explored, C::RetryConverges), G::Violated);
    let left = told(FORGETS_A_TRIGGER, "drop-trigger#1:after=crash");
    assert_eq!(left, ["the trigger audited is gone", "file more: ../dropped (0 bytes)"]);
}

/// It rebuilds a table in one transaction, and writes the statement in another way than it was written before.
const REBUILDS: Doing = Doing {
    name: "rebuilds",
    prepare: |place| place.sql("CREATE TABLE notes (title TEXT PRIMARY KEY, body TEXT)"),
    steps: &[("rebuild", |place| {
        place.sql(
            "BEGIN IMMEDIATE;
             CREATE TABLE \"notes_new\"( title text primary key , [body] text );
             INSERT INTO notes_new SELECT * FROM notes; INSERT OR IGNORE INTO notes_new VALUES ('a', 'b');
             DROP TABLE notes; ALTER TABLE notes_new RENAME TO notes; COMMIT;",
        )
    })],
    ..Doing::NOTHING
};

/// It adds a column first, and the row afterwards.
const MIGRATES: Doing = Doing {
    name: "migrates",
    prepare: |place| place.sql("CREATE TABLE notes (title TEXT PRIMARY KEY)"),
    steps: &[
        ("add-column", |place| match place.count("SELECT count(*) FROM pragma_table_info('notes')")? {
            1 => place.sql("ALTER TABLE notes ADD COLUMN body TEXT"),
            _ => Ok(()),
        }),
        ("insert", |place| place.sql("INSERT OR IGNORE INTO notes VALUES ('a', 'b')")),
    ],
    ..Doing::NOTHING
};

#[test]
fn a_schema_that_changes_in_one_transaction_is_sound_and_one_that_changes_by_itself_is_not() {
    let explored = check_with(REBUILDS, FaultClass::ALL);
    for criterion in C::ALL {
        assert_eq!(worst(&explored, criterion), G::Held, "{criterion}");
    }
    assert_eq!(worst(&check(MIGRATES), C::AllOrNothing), G::HealedByRetry);
    assert_eq!(told(MIGRATES, "add-column#1:after=crash"), ["the column body of the table notes is more"]);
}

/// The file is in `blobs`, the row names a link to it. What no row names is removed at the start, and after an error.
const LINKS: Doing = Doing {
    name: "links",
    prepare: |place| {
        fs::create_dir(place.dir.join("blobs"))?;
        fs::create_dir(place.dir.join("links"))?;
        place.sql("CREATE TABLE documents (title TEXT PRIMARY KEY, path TEXT)")
    },
    boot: sweep,
    on_error: sweep,
    steps: &[
        ("write-blob", |place| fs::write(place.dir.join("blobs/a"), "content")),
        ("link", |place| linked(symlink("../blobs/a", place.dir.join("links/a")))),
        ("insert", |place| place.sql("INSERT OR IGNORE INTO documents VALUES ('a', 'links/a')")),
    ],
    rules: || {
        Rules::new().row_needs_file("documents", "path").file_needs_row("links", "documents", "path").row_stores(
            "documents",
            ("title", "a"),
            halfway::rules::StoredIn::File { path_column: "path".to_owned() },
            b"content",
        )
    },
};

fn linked(link: io::Result<()>) -> io::Result<()> {
    link.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
}

fn sweep(place: &Place) -> io::Result<()> {
    if place.count("SELECT count(*) FROM documents")? == 0 {
        for path in ["links/a", "blobs/a"] {
            let _ = fs::remove_file(place.dir.join(path));
        }
    }
    Ok(())
}

/// The same, and the link names its target from the root of the file system on.
const ABSOLUTE_LINKS: Doing = Doing {
    name: "absolute-links",
    steps: &[
        LINKS.steps[0],
        ("link", |place| linked(symlink(place.dir.join("blobs/a"), place.dir.join("links/a")))),
        LINKS.steps[2],
    ],
    ..LINKS
};

#[test]
fn a_row_whose_path_is_a_link_to_a_file_has_its_file() {
    for doing in [LINKS, ABSOLUTE_LINKS] {
        let explored = check(doing);
        for criterion in [C::NoOrphanRows, C::RetrySucceeds, C::RetryConverges, C::FailureSurfaced] {
            assert_eq!(worst(&explored, criterion), G::Held, "{}: {criterion}", doing.name);
        }
        for criterion in [C::NoOrphanFiles, C::AllOrNothing] {
            assert_eq!(worst(&explored, criterion), G::HealedByRecovery, "{}: {criterion}", doing.name);
        }
        let left = told(doing, "link#1:after=crash");
        assert_eq!(
            left,
            ["2 files more: blobs/a (7 bytes) and links/a (a symbolic link to blobs/a)"],
            "{}",
            doing.name
        );
    }
}

/// The row is there before the file is.
const ROW_FIRST: Doing = Doing { name: "row-first", steps: &[LINKS.steps[1], LINKS.steps[2], LINKS.steps[0]], ..LINKS };

#[test]
fn a_row_whose_link_leads_nowhere_lacks_its_file() {
    let explored = check(ROW_FIRST);
    assert_ne!(worst(&explored, C::NoOrphanRows), G::Held);
    let left = told(ROW_FIRST, "insert#1:after=crash");
    assert_eq!(left.last().map(String::as_str), Some("file more: links/a (a symbolic link to blobs/a)"), "{left:?}");
}

/// It tells others by a socket, and by a name that is no text, that it is at work. Stale ones are removed first.
const MARKS: Doing = Doing {
    name: "marks",
    prepare: documents,
    steps: &[
        ("make-marks", |place| {
            clear(place);
            drop(UnixListener::bind(place.dir.join("socket"))?);
            fs::write(strange(place), "at work")
        }),
        ("insert", |place| place.sql(INSERT)),
        ("remove-marks", |place| {
            clear(place);
            Ok(())
        }),
    ],
    ..Doing::NOTHING
};

fn strange(place: &Place) -> PathBuf {
    place.dir.join(std::ffi::OsStr::from_bytes(b"mark-\xff"))
}

fn clear(place: &Place) {
    for path in [place.dir.join("socket"), place.dir.join("pipe"), strange(place)] {
        let _ = fs::remove_file(path);
    }
}

/// Another program makes it, so that a loss of power cannot be told.
const MAKES_A_PIPE: Doing = Doing {
    name: "makes-a-pipe",
    steps: &[
        ("make-pipe", |place| {
            clear(place);
            doing::make_pipe(&place.dir.join("pipe"))
        }),
        MARKS.steps[1],
        MARKS.steps[2],
    ],
    ..MARKS
};

#[test]
fn what_is_neither_file_nor_directory_is_found() {
    let explored = check(MARKS);
    assert_eq!(worst(&explored, C::NoOrphanFiles), G::HealedByRetry);
    assert_eq!(worst(&explored, C::RetryConverges), G::Held);
    let left = told(MARKS, "make-marks#1:after=crash");
    assert_eq!(left, ["2 files more: mark-\\xff (7 bytes) and socket (a socket)"]);

    let explored = check_with(MAKES_A_PIPE, FaultClass::OF_STEPS);
    assert_eq!(worst(&explored, C::NoOrphanFiles), G::HealedByRetry);
    assert_eq!(told(MAKES_A_PIPE, "make-pipe#1:after=crash"), ["file more: pipe (a named pipe)"]);
}

/// It writes under a name of its own, gives the file a second name, and takes the first one away.
const SECOND_NAME: Doing = Doing {
    name: "second-name",
    prepare: documents,
    steps: &[
        ("write", |place| fs::write(place.dir.join("a.new"), "content")),
        ("link", |place| linked(fs::hard_link(place.dir.join("a.new"), place.dir.join("a")))),
        ("unlink", |place| fs::remove_file(place.dir.join("a.new"))),
    ],
    rules: || Rules::new().file_stands_alone("a"),
    ..Doing::NOTHING
};

#[test]
fn two_names_of_a_file_are_two_files_to_whoever_looks() {
    let explored = check(SECOND_NAME);
    assert_eq!(worst(&explored, C::NoOrphanFiles), G::HealedByRetry);
    assert_eq!(worst(&explored, C::RetryConverges), G::Held);
    assert_eq!(told(SECOND_NAME, "link#1:after=crash"), ["2 files more: a (7 bytes) and a.new (7 bytes)"]);
}

/// For a moment there is a directory that nobody may enter.
const LOCKS_ITSELF_OUT: Doing = Doing {
    name: "locks-itself-out",
    prepare: documents,
    steps: &[
        ("lock", |place| {
            let locked = place.dir.join("locked");
            let _ = fs::set_permissions(&locked, fs::Permissions::from_mode(0o700));
            fs::create_dir_all(&locked)?;
            fs::write(locked.join("secret"), "text")?;
            fs::set_permissions(&locked, fs::Permissions::from_mode(0o000))
        }),
        ("insert", |place| place.sql(INSERT)),
        ("unlock", |place| {
            fs::set_permissions(place.dir.join("locked"), fs::Permissions::from_mode(0o700))?;
            fs::remove_dir_all(place.dir.join("locked"))
        }),
    ],
    ..Doing::NOTHING
};

#[test]
fn a_directory_that_nobody_may_enter_is_found() {
    assert_eq!(worst(&check(LOCKS_ITSELF_OUT), C::NoOrphanFiles), G::HealedByRetry);
    assert_eq!(told(LOCKS_ITSELF_OUT, "lock#1:after=crash"), ["file more: locked/secret (4 bytes)"]);
}

/// After an error it removes more than it made.
const REMOVES_TOO_MUCH: Doing = Doing {
    name: "removes-too-much",
    prepare: |place| {
        fs::write(place.dir.join("kept"), "text")?;
        documents(place)
    },
    steps: &[("write", |place| fs::write(place.dir.join("a"), "content")), ("insert", |place| place.sql(INSERT))],
    on_error: |place| fs::remove_dir_all(&place.dir),
    rules: || Rules::new().file_stands_alone("a"),
    ..Doing::NOTHING
};

#[test]
fn who_removes_his_own_world_is_found_guilty() {
    const ERROR: &str = "insert#1:before=error";
    let explored = check(REMOVES_TOO_MUCH);
    assert_eq!(worst(&explored, C::AllOrNothing), G::Violated);
    assert_eq!(worst(&explored, C::RetrySucceeds), G::Violated);
    assert_eq!(told(REMOVES_TOO_MUCH, ERROR), ["the world's directory is gone", "file gone: kept (4 bytes)"]);

    let file =
        Doing { name: "removes-its-database", on_error: |place| fs::remove_file(&place.database), ..REMOVES_TOO_MUCH };
    assert_eq!(worst(&check(file), C::AllOrNothing), G::Violated);
    assert_eq!(told(file, ERROR), ["all tables are gone", "file more: a (7 bytes)"]);

    let folder = Doing {
        name: "removes-its-databases-folder",
        on_error: |place| fs::remove_dir_all(place.database.parent().expect("a folder")),
        ..REMOVES_TOO_MUCH
    };
    assert_eq!(worst(&check(folder), C::AllOrNothing), G::Violated);
    let told_of_folder = told(folder, ERROR);
    assert_eq!(told_of_folder, ["the folder of the database is gone", "all tables are gone", "file more: a (7 bytes)"]);

    let replaced = Doing {
        name: "replaces-its-directory",
        on_error: |place| fs::remove_dir_all(&place.dir).and_then(|()| fs::write(&place.dir, "text")),
        ..REMOVES_TOO_MUCH
    };
    assert_eq!(worst(&check(replaced), C::AllOrNothing), G::Violated);
}

/// After an error the transaction stays open, and its connection with the application: nobody gets at the database again.
const KEEPS_A_LOCK: Doing = Doing {
    name: "keeps-a-lock",
    prepare: documents,
    steps: &[("insert", |place| place.hold(&["BEGIN EXCLUSIVE", INSERT])), ("commit", |place| place.hold(&["COMMIT"]))],
    ..Doing::NOTHING
};

#[test]
fn a_database_that_stays_locked_is_looked_at_and_the_flow_is_found_guilty() {
    let explored = check(KEEPS_A_LOCK);
    assert_eq!(worst(&explored, C::RetrySucceeds), G::Violated);
    assert_eq!(worst(&explored, C::AllOrNothing), G::Held);
    assert_eq!(told(KEEPS_A_LOCK, "commit#1:before=error"), [""; 0]);
}

/// It keeps a database of its own beside its files, in a journal mode that leaves files around.
const KEEPS_A_CACHE: Doing = Doing {
    name: "keeps-a-cache",
    prepare: |place| {
        place.cache("PRAGMA journal_mode = WAL; CREATE TABLE pages (title TEXT PRIMARY KEY, at INTEGER)")?;
        documents(place)
    },
    steps: &[
        ("cache", |place| place.cache("INSERT OR IGNORE INTO pages VALUES ('a', random())")),
        ("insert", |place| place.sql(INSERT)),
    ],
    rules: || Rules::new().generated("cache.db: pages", "at"),
    ..Doing::NOTHING
};

#[test]
fn a_database_among_the_files_is_seen_by_what_it_holds() {
    let explored = check(KEEPS_A_CACHE);
    assert_eq!(worst(&explored, C::NoOrphanFiles), G::Held);
    assert_eq!(worst(&explored, C::RetryConverges), G::Held);
    assert_eq!(worst(&explored, C::AllOrNothing), G::HealedByRetry);
    let left = told(KEEPS_A_CACHE, "cache#1:after=crash");
    assert_eq!(left, ["cache.db: pages: 1 row more: cache.db: pages-1 (title \"a\")"]);
    let ignored = Doing { rules: || Rules::new().ignore_table("cache.db: pages"), ..KEEPS_A_CACHE };
    assert_eq!(worst(&check(ignored), C::AllOrNothing), G::Held);
}

#[test]
fn a_world_that_is_left_alone_holds() {
    let sound =
        Doing { name: "sound", prepare: documents, steps: &[("insert", |place| place.sql(INSERT))], ..Doing::NOTHING };
    let explored = check_with(sound, FaultClass::ALL);
    for criterion in C::ALL {
        assert_eq!(worst(&explored, criterion), G::Held, "{criterion}");
    }
    nothing(&Place::new(PathBuf::new(), PathBuf::new())).expect("nothing can go wrong");
}
