//! A file system for SQLite: the usual one, which tells [`disk`](super::disk) of writes, and synchronises nothing
//! itself.
//!
//! A file of it is a file of the usual one, with room behind for what is added; so are its methods, save those that
//! change the file. <https://www.sqlite.org/vfs.html>

#![allow(
    unsafe_code,
    reason = "SQLite takes a file system as C functions; for tests only"
)]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    path::PathBuf,
    ptr, slice,
    sync::OnceLock,
};

use rusqlite::ffi;

use super::disk;

const NAME: &CStr = c"power-loss";

/// What stands behind a file of the usual file system.
struct Behind {
    usual: *const ffi::sqlite3_io_methods,
    methods: *mut ffi::sqlite3_io_methods,
    path: Option<PathBuf>,
}

/// The usual file system. It is never unregistered.
struct Usual(*mut ffi::sqlite3_vfs);
// SAFETY: SQLite lets any thread call a file system's functions.
unsafe impl Send for Usual {}
// SAFETY: as above.
unsafe impl Sync for Usual {}

static USUAL: OnceLock<Usual> = OnceLock::new();

/// Registers the file system once; its name.
pub(super) fn name() -> &'static str {
    USUAL.get_or_init(|| {
        // SAFETY: the default file system is there for good, and the copy of it that is registered is leaked. The
        // functions that are kept do not look at the file system they are called with.
        unsafe {
            let usual = ffi::sqlite3_vfs_find(ptr::null());
            let mut ours = *usual;
            ours.zName = NAME.as_ptr();
            ours.pNext = ptr::null_mut();
            ours.szOsFile = c_int::try_from(behind_offset(usual) + size_of::<Behind>()).unwrap();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            let registered = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 0);
            assert_eq!(registered, ffi::SQLITE_OK);
            Usual(usual)
        }
    });
    NAME.to_str().unwrap()
}

/// Where [`Behind`] begins.
///
/// # Safety
/// `usual` is a file system.
unsafe fn behind_offset(usual: *mut ffi::sqlite3_vfs) -> usize {
    // SAFETY: by the caller.
    usize::try_from(unsafe { (*usual).szOsFile })
        .unwrap()
        .next_multiple_of(align_of::<Behind>())
}

/// # Safety
/// `file` was opened by [`open`] and not closed.
unsafe fn behind<'a>(file: *mut ffi::sqlite3_file) -> &'a Behind {
    // SAFETY: SQLite gives `szOsFile` bytes aligned to 8, and `open` put it there.
    unsafe {
        &*file
            .byte_add(behind_offset(USUAL.get().unwrap().0))
            .cast::<Behind>()
    }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let usual = USUAL.get().unwrap().0;
    // SAFETY: SQLite's arguments go on as they came; the file is as large as was asked for.
    unsafe {
        let result = (*usual).xOpen.unwrap()(usual, name, file, flags, out_flags);
        if (*file).pMethods.is_null() {
            return result;
        }
        let usual_methods = (*file).pMethods;
        let mut methods = *usual_methods;
        methods.xClose = Some(close);
        methods.xWrite = Some(write);
        methods.xTruncate = Some(truncate);
        methods.xSync = Some(sync);
        let methods = Box::into_raw(Box::new(methods));
        (*file).pMethods = methods;
        file.byte_add(behind_offset(usual))
            .cast::<Behind>()
            .write(Behind {
                usual: usual_methods,
                methods,
                path: path(name),
            });
        result
    }
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    let usual = USUAL.get().unwrap().0;
    // SAFETY: SQLite's arguments go on as they came.
    unsafe {
        let result = (*usual).xDelete.unwrap()(usual, name, 0);
        if let Some(path) = path(name) {
            disk::deleted(&path, sync_folder != 0);
        }
        result
    }
}

/// # Safety
/// `name` is null, for a temporary file, or a C string.
unsafe fn path(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: by the caller.
    Some(PathBuf::from(
        unsafe { CStr::from_ptr(name) }.to_str().unwrap(),
    ))
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file is open, and is not used after this.
    unsafe {
        let behind = file
            .byte_add(behind_offset(USUAL.get().unwrap().0))
            .cast::<Behind>()
            .read();
        (*file).pMethods = behind.usual;
        drop(Box::from_raw(behind.methods));
        (*behind.usual).xClose.unwrap()(file)
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: the file is open, and SQLite gives so many bytes.
    unsafe {
        let behind = behind(file);
        let result = (*behind.usual).xWrite.unwrap()(file, bytes, count, offset);
        if let Some(path) = &behind.path {
            let bytes = slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(count).unwrap());
            disk::written(path, usize::try_from(offset).unwrap(), bytes);
        }
        result
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: i64) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        let behind = behind(file);
        let result = (*behind.usual).xTruncate.unwrap()(file, length);
        if let Some(path) = &behind.path {
            disk::truncated(path, usize::try_from(length).unwrap());
        }
        result
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: the file is open.
    if let Some(path) = unsafe { &behind(file).path } {
        disk::synced(path);
    }
    ffi::SQLITE_OK
}
