//! Text that a process writes, as lines of the log: none is too long, and there are not too many.

use tokio::time::Instant;

/// Longest line, in bytes; the rest of it is dropped.
const LINE_LIMIT: usize = 2000;

/// Lines that pass at once.
const BURST: f64 = 200.0;

/// Lines that pass in each second after that.
const RATE: f64 = 20.0;

/// Cuts a stream of bytes into lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// The lines that are complete with this.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.append(&bytes[..end]);
            complete.extend(self.rest());
            bytes = &bytes[end + 1..];
        }
        self.append(bytes);
        complete
    }

    /// What is left at the end.
    pub fn rest(&mut self) -> Option<String> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned();
        // A terminal must not obey what an environment prints.
        let line: String = line.trim_end().chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
        (!line.is_empty()).then_some(line)
    }

    fn append(&mut self, bytes: &[u8]) {
        let room = LINE_LIMIT - self.begun.len();
        self.begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// Lets a burst of lines pass, then so many a second.
#[derive(Debug)]
pub(crate) struct Valve {
    credit: f64,
    at: Instant,
    swallowed: u64,
}

impl Default for Valve {
    fn default() -> Self {
        Self { credit: BURST, at: Instant::now(), swallowed: 0 }
    }
}

impl Valve {
    /// Whether one more line passes, and how many before it did not.
    pub fn open(&mut self) -> (bool, u64) {
        let now = Instant::now();
        self.credit = BURST.min(self.credit + (now - self.at).as_secs_f64() * RATE);
        self.at = now;
        if self.credit < 1.0 {
            self.swallowed += 1;
            return (false, 0);
        }
        self.credit -= 1.0;
        (true, std::mem::take(&mut self.swallowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_chunks_are() {
        let mut lines = Lines::default();
        assert_eq!(lines.feed(b"one\ntw"), ["one"]);
        assert_eq!(lines.feed(b"o\n\nthree\x1b[1m\n"), ["two", "three [1m"]);
        assert_eq!(lines.feed(b"rest"), [""; 0]);
        assert_eq!(lines.rest().as_deref(), Some("rest"));
        assert_eq!(lines.rest(), None);
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory() {
        let mut lines = Lines::default();
        for _ in 0..100 {
            lines.feed(&[b'x'; 4096]);
        }
        assert_eq!(lines.feed(b"\nnext\n").iter().map(String::len).collect::<Vec<_>>(), [LINE_LIMIT, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_lines_are_counted() {
        let mut valve = Valve::default();
        let passed = (0..1000).filter(|_| valve.open().0).count();
        assert_eq!(passed, 200);
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        assert_eq!(valve.open(), (true, 800));
        assert_eq!((0..100).filter(|_| valve.open().0).count(), 19);
    }
}
