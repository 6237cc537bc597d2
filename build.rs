//! Writes the directory of libpython into the binaries' run path, so that the loader takes the library of the very
//! interpreter that the virtual environment belongs to, and not another one of the same name.

fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
}
