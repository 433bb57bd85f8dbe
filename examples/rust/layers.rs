// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

//! Imports a layer as a container engine would: reads the tar from a `Read`, learns its size and
//! digest, asks for the layer's disk usage, and removes the layer.
//!
//!     rustc --edition 2021 -L DIRECTORY_OF_LIBCIMLIB layers.rs && ./layers STORE/LAYER < layer.tar.gz

use std::ffi::{c_void, CStr, CString};
use std::io::{ErrorKind, Read};
use std::os::raw::c_char;

/// The part of cimlib/layers.h that this program uses.
#[allow(non_snake_case, non_camel_case_types)]
mod cimlib {
    use super::{c_char, c_void};

    pub type HRESULT = i32;
    pub type CIMLIB_READ = extern "C" fn(*mut c_void, *mut c_void, usize) -> i64;

    #[repr(C)]
    pub struct CIMLIB_LAYER {
        pub Directory: *const c_char,
        pub Image: *const c_char,
    }

    #[repr(C)]
    pub struct CIMLIB_IMPORT_RESULT {
        pub StructSize: u32,
        pub Reserved: u32,
        pub TarSize: u64,
        pub Entries: u64,
        pub FileBytes: u64,
        pub StoredBytes: u64,
        pub DeduplicatedBytes: u64,
        pub DiffId: [c_char; 72],
    }

    #[repr(C)]
    #[derive(Default)]
    pub struct CIMLIB_LAYER_USAGE {
        pub StructSize: u32,
        pub Reserved: u32,
        pub Size: u64,
        pub Inodes: u64,
        pub SharedSize: u64,
        pub SharedInodes: u64,
    }

    #[link(name = "cimlib")]
    extern "C" {
        pub fn CimlibImportLayer(
            read: Option<CIMLIB_READ>,
            context: *mut c_void,
            layer: *const CIMLIB_LAYER,
            parents: *const CIMLIB_LAYER,
            parent_count: u32,
            options: *const c_void,
            result: *mut CIMLIB_IMPORT_RESULT,
        ) -> HRESULT;
        pub fn CimlibGetLayerUsage(
            layer: *const CIMLIB_LAYER,
            usage: *mut CIMLIB_LAYER_USAGE,
        ) -> HRESULT;
        pub fn CimlibDestroyLayer(
            layer: *const CIMLIB_LAYER,
            timeout_seconds: u32,
            removed: *mut u32,
        ) -> HRESULT;
        pub fn CimlibGetErrorTextUtf8(
            buffer: *mut c_char,
            buffer_size: usize,
            length: *mut usize,
        ) -> HRESULT;
    }
}

use cimlib::*;

const READ_FAILED: i64 = 0x8007_045D_u32 as i32 as i64; // HRESULT_FROM_WIN32(ERROR_IO_DEVICE)

/// Returns the reason for a failure of the last call on this thread.
fn check(result: HRESULT) -> Result<(), String> {
    if result >= 0 {
        return Ok(());
    }
    let mut text: [c_char; 4096] = [0; 4096];
    let mut length = 0;
    let status = unsafe { CimlibGetErrorTextUtf8(text.as_mut_ptr(), text.len(), &mut length) };
    if status < 0 || length == 0 {
        return Err(format!("HRESULT {:#x}", result));
    }
    Err(unsafe { CStr::from_ptr(text.as_ptr()) }
        .to_string_lossy()
        .into_owned())
}

/// Called by the library on a thread of its own, so the source must be `Send`.
extern "C" fn read_source<R: Read + Send>(
    context: *mut c_void,
    buffer: *mut c_void,
    size: usize,
) -> i64 {
    let source = unsafe { &mut *(context as *mut R) };
    // The library's buffer may be uninitialized, which a slice of u8 must not be.
    unsafe { std::ptr::write_bytes(buffer as *mut u8, 0, size) };
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer as *mut u8, size) };
    loop {
        match source.read(bytes) {
            Ok(count) => return count as i64,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return READ_FAILED,
        }
    }
}

/// A layer with the strings of its paths.
struct Layer {
    directory: CString,
}

impl Layer {
    fn new(directory: &str) -> Result<Layer, String> {
        let directory = CString::new(directory).map_err(|error| error.to_string())?;
        Ok(Layer { directory })
    }

    fn paths(&self) -> CIMLIB_LAYER {
        CIMLIB_LAYER {
            Directory: self.directory.as_ptr(),
            Image: std::ptr::null(),
        }
    }

    /// Returns the digest and the size of the unpacked tar.
    fn import<R: Read + Send>(&self, source: &mut R) -> Result<(String, u64), String> {
        let mut result: CIMLIB_IMPORT_RESULT = unsafe { std::mem::zeroed() };
        result.StructSize = std::mem::size_of::<CIMLIB_IMPORT_RESULT>() as u32;
        check(unsafe {
            CimlibImportLayer(
                Some(read_source::<R>),
                source as *mut R as *mut c_void,
                &self.paths(),
                std::ptr::null(),
                0,
                std::ptr::null(),
                &mut result,
            )
        })?;
        let digest = unsafe { CStr::from_ptr(result.DiffId.as_ptr()) };
        Ok((digest.to_string_lossy().into_owned(), result.TarSize))
    }

    fn usage(&self) -> Result<CIMLIB_LAYER_USAGE, String> {
        let mut usage = CIMLIB_LAYER_USAGE {
            StructSize: std::mem::size_of::<CIMLIB_LAYER_USAGE>() as u32,
            ..Default::default()
        };
        check(unsafe { CimlibGetLayerUsage(&self.paths(), &mut usage) })?;
        Ok(usage)
    }

    fn destroy(&self) -> Result<(), String> {
        check(unsafe { CimlibDestroyLayer(&self.paths(), 0, std::ptr::null_mut()) })
    }
}

fn run(directory: &str) -> Result<(), String> {
    let layer = Layer::new(directory)?;
    let (digest, size) = layer.import(&mut std::io::stdin())?;
    println!("digest {}", digest);
    println!("size {}", size);
    let usage = layer.usage()?;
    println!("usage {} bytes in {} inodes", usage.Size, usage.Inodes);
    layer.destroy()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() != 2 {
        eprintln!("use: layers STORE/LAYER < TAR");
        std::process::exit(2);
    }
    if let Err(reason) = run(&arguments[1]) {
        eprintln!("layers: {}", reason);
        std::process::exit(1);
    }
}
