//! What the service's own part in a picture costs: frames of pixels are sent as JPEG.

use std::path::Path;

use jpeg_encoder::{ColorType, Encoder};
use tokio::time::Instant;

use super::report::{Cost, Costs};

/// How often a frame is compressed for the measurement.
const ROUNDS: usize = 20;

/// Adds the call `jpeg` to `costs`, if the environment left a frame of pixels at `file`. Not in a build without
/// optimisations, which is fifty times slower at this than the service will be.
pub fn measure(costs: &mut Costs, file: &Path, quality: u8) {
    let Some((pixels, rgba)) = costs.pixels.zip(std::fs::read(file).ok()) else { return };
    drop(std::fs::remove_file(file));
    if cfg!(debug_assertions) {
        return;
    }
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let mut data = Vec::with_capacity(rgba.len() / 16);
        let encoder = Encoder::new(&mut data, quality.clamp(1, 100));
        if encoder.encode(&rgba, pixels.width, pixels.height, ColorType::Rgba).is_err() {
            return; // a frame that is none was told when the environment was played
        }
        times.push(1000.0 * began.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    if let (Some(median), Some(slowest)) = (times.get(ROUNDS / 2), times.last()) {
        costs.calls.insert("jpeg".into(), Cost { median: *median, p99: *slowest });
    }
}
