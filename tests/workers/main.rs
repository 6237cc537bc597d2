//! Workers over real processes: their games go on whatever becomes of them.

mod hosting;
mod pipes;
mod support;
mod troubles;
