//! Which program of a package a test is in: the option that keeps `cargo test` from running all the others.
//!
//! It is told only where the name of the running program, the files of the package and the file that calls halfway agree.
//! Several programs of one package can have the same name, and an option that names the wrong one runs no test at all. Not
//! told: a target whose path `Cargo.toml` sets, a library that it names.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The option for the test that is running and calls halfway in this file.
pub(super) fn target(caller: &str) -> Option<String> {
    let program = env::current_exe().ok()?;
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)?;
    let name = env::var("CARGO_PKG_NAME").ok()?;
    option(program.file_stem()?.to_str()?, &package, &name, Path::new(caller))
}

/// The option for a program of this file name in this package.
fn option(program: &str, package: &Path, name: &str, caller: &Path) -> Option<String> {
    let (program, hash) = program.rsplit_once('-')?;
    if hash.len() != 16 || !hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let manifest = fs::read_to_string(package.join("Cargo.toml")).ok()?;
    let in_crates_spelling = |name: &str| name.replace('-', "_");
    let is_this = |name: &str| in_crates_spelling(name) == in_crates_spelling(program);
    // The compiler was told the path from the root of the workspace, or from that of the package.
    let of_package = |folder: &str| folder_in(caller, folder).filter(|rest| package.join(folder).join(rest).is_file());
    if let Some(below) = of_package("tests") {
        let mut tests = test_files(package).into_iter().filter(|(name, _)| is_this(name));
        let (Some((test, file)), None) = (tests.next(), tests.next()) else { return None };
        let is_its = below == file || below.starts_with(Path::new(&test));
        let is_renamed = manifest.contains(&format!("tests/{}", file.display()));
        return (is_its && !is_renamed).then(|| format!("--test {test}"));
    }
    let is_there = |path: &str| package.join(path).exists();
    let is_the_library = of_package("src").is_some()
        && is_this(name)
        && is_there("src/lib.rs")
        && !is_there("src/main.rs")
        && !is_there("src/bin")
        && !["[lib]", "[[bin]]"].into_iter().any(|table| manifest.contains(table));
    is_the_library.then(|| "--lib".to_owned())
}

/// What stands in a path behind the last folder of this name.
fn folder_in(path: &Path, folder: &str) -> Option<PathBuf> {
    let parts: Vec<_> = path.iter().collect();
    let at = parts.iter().rposition(|part| *part == folder)?;
    Some(parts[at + 1..].iter().collect())
}

/// The tests that cargo finds by itself: the name of each, and its file below `tests/`.
fn test_files(package: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(package.join("tests")).into_iter().flatten().flatten();
    let test = |entry: fs::DirEntry| {
        let path = entry.path();
        let name = path.file_stem()?.to_str()?.to_owned();
        if path.join("main.rs").is_file() {
            return Some((entry.file_name().to_str()?.to_owned(), Path::new(&entry.file_name()).join("main.rs")));
        }
        (path.extension()? == "rs").then(|| (name, PathBuf::from(entry.file_name())))
    };
    entries.filter_map(test).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef";

    /// A package called `my-shop` with these files.
    fn package(files: &[&str], manifest: &str) -> tempfile::TempDir {
        let package = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = package.path().join(file);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
            fs::write(path, "").expect("a file");
        }
        fs::write(package.path().join("Cargo.toml"), manifest).expect("a manifest");
        package
    }

    fn check(files: &[&str], manifest: &str, program: &str, caller: &str, told: Option<&str>) {
        let package = package(files, manifest);
        let option = option(program, package.path(), "my-shop", Path::new(caller));
        assert_eq!(option.as_deref(), told, "{program} called from {caller}");
    }

    #[test]
    fn a_test_is_named_where_its_file_and_its_program_agree() {
        let files = ["tests/add-book.rs", "tests/upload/main.rs", "tests/upload/kit.rs", "tests/common/mod.rs"];
        let check = |program: &str, caller: &str, told| check(&files, "[package]", program, caller, told);
        check(&format!("add_book-{HASH}"), "tests/add-book.rs", Some("--test add-book"));
        check(&format!("add-book-{HASH}"), "crates/my-shop/tests/add-book.rs", Some("--test add-book"));
        check(&format!("upload-{HASH}"), "tests/upload/main.rs", Some("--test upload"));
        check(&format!("upload-{HASH}"), "tests/upload/kit.rs", Some("--test upload"));
        check(&format!("add_book-{HASH}"), "tests/common/mod.rs", None);
        check(&format!("add_book-{HASH}"), "tests/upload/main.rs", None);
        check(&format!("common-{HASH}"), "tests/common/mod.rs", None);
        check("add_book", "tests/add-book.rs", None);
        check("add-book-as-it-is", "tests/add-book.rs", None);
        check(&format!("add_book-{HASH}"), "src/lib.rs", None);
    }

    #[test]
    fn two_tests_of_one_spelling_are_not_told_apart() {
        let files = ["tests/add-book.rs", "tests/add_book.rs"];
        check(&files, "[package]", &format!("add_book-{HASH}"), "tests/add-book.rs", None);
    }

    #[test]
    fn the_library_is_named_where_no_other_program_can_have_its_name() {
        let check = |files: &[&str], manifest: &str, told| {
            check(files, manifest, &format!("my_shop-{HASH}"), "src/books.rs", told);
        };
        check(&["src/lib.rs", "src/books.rs"], "[package]", Some("--lib"));
        check(&["src/lib.rs", "src/books.rs", "src/main.rs"], "[package]", None);
        check(&["src/lib.rs", "src/books.rs", "src/bin/my-shop.rs"], "[package]", None);
        check(&["src/lib.rs", "src/books.rs"], "[package]\n[[bin]]\nname = \"my-shop\"", None);
        check(&["src/lib.rs", "src/books.rs"], "[package]\n[lib]\nname = \"shop\"", None);
        check(&["src/main.rs", "src/books.rs"], "[package]", None);
    }

    #[test]
    fn what_the_manifest_names_itself_is_not_told() {
        let (files, program) = (["tests/add-book.rs"], format!("add_book-{HASH}"));
        let check = |manifest: &str, told| check(&files, manifest, &program, "tests/add-book.rs", told);
        check("[package]\n[[test]]\nname = \"add_book\"\npath = \"tests/add-book.rs\"", None);
        check("[package]\n[[test]]\nname = \"add-book\"\nharness = false", Some("--test add-book"));
    }
}
