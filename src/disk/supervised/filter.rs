//! Which calls wait for an answer: those that may change what a file or a directory holds, and those that start a process,
//! which are counted. Looked at are registers alone.
//!
//! The kernel refuses what cannot be followed, as kernels without it do: `io_uring`, and calls of the 32-bit kind.

use libc::{c_long, sock_filter};

const ALLOW: u32 = 0x7fff_0000;
const NOTIFY: u32 = 0x7fc0_0000;
const REFUSE: u32 = 0x0005_0000;

const LOAD: u16 = 0x20;
const IF_EQUAL: u16 = 0x15;
const IF_AT_LEAST: u16 = 0x35;
const IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Where the number of the call stands, and its architecture.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const X86_64: u32 = 0xc000_003e;
/// From here on the numbers are those of x32.
const X32: u32 = 0x4000_0000;

/// The bits of `open` for writing, or for making or emptying a file.
const CHANGES: u32 = (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC).unsigned_abs();

/// The calls that always wait.
const WATCHED: [c_long; 35] = [
    libc::SYS_creat,
    libc::SYS_openat2,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_sendfile,
    libc::SYS_copy_file_range,
    libc::SYS_splice,
    libc::SYS_truncate,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync,
    libc::SYS_syncfs,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_link,
    libc::SYS_linkat,
    libc::SYS_symlink,
    libc::SYS_symlinkat,
    libc::SYS_unlink,
    libc::SYS_unlinkat,
    libc::SYS_rmdir,
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    libc::SYS_mknod,
    libc::SYS_mknodat,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_fork,
    libc::SYS_vfork,
];

const fn statement(code: u16, value: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k: value }
}

/// Skips so many statements where the test is true, and so many others where it is not.
const fn jump(code: u16, value: u32, if_true: u8, if_false: u8) -> sock_filter {
    sock_filter { code, jt: if_true, jf: if_false, k: value }
}

/// Where the lower half of an argument stands.
const fn argument(number: u32) -> u32 {
    16 + 8 * number
}

/// The program that the kernel runs at each call.
pub(super) fn filter() -> Vec<sock_filter> {
    let refuse = |errno: i32| statement(RETURN, REFUSE | errno.unsigned_abs());
    let mut program = vec![
        statement(LOAD, ARCHITECTURE),
        jump(IF_EQUAL, X86_64, 1, 0),
        refuse(libc::ENOSYS),
        statement(LOAD, NUMBER),
        jump(IF_AT_LEAST, X32, 0, 1),
        refuse(libc::ENOSYS),
    ];
    let mut add = |call: c_long, then: &[sock_filter]| {
        let call = u32::try_from(call).unwrap_or(u32::MAX);
        let length = u8::try_from(then.len()).unwrap_or(u8::MAX);
        program.push(jump(IF_EQUAL, call, 0, length));
        program.extend_from_slice(then);
    };
    for (call, flags) in [(libc::SYS_open, 1), (libc::SYS_openat, 2)] {
        add(
            call,
            &[
                statement(LOAD, argument(flags)),
                jump(IF_ANY_BIT, CHANGES, 0, 1),
                statement(RETURN, NOTIFY),
                statement(RETURN, ALLOW),
            ],
        );
    }
    // Copies of whole files without a write.
    add(
        libc::SYS_ioctl,
        &[
            statement(LOAD, argument(1)),
            jump(IF_EQUAL, 0x4004_9409, 1, 0),
            jump(IF_EQUAL, 0x4020_940d, 0, 1),
            refuse(libc::EOPNOTSUPP),
            statement(RETURN, ALLOW),
        ],
    );
    add(libc::SYS_io_uring_setup, &[refuse(libc::ENOSYS)]);
    for call in WATCHED {
        add(call, &[statement(RETURN, NOTIFY)]);
    }
    program.push(statement(RETURN, ALLOW));
    program
}
