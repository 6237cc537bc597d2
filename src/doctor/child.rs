//! One examination in a process of its own: an environment that hangs or crashes takes nothing else with it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use super::report::{Examination, Finding, Level, Line};

/// So much of a process's last words is passed on.
const LAST_WORDS: usize = 1500;

/// Runs `command`, gives it `request`, and gathers the lines it writes, for at most `limit`. `progress` is told what it
/// does.
///
/// # Errors
/// When the process cannot be started.
pub fn examine(
    mut command: Command,
    request: &[u8],
    limit: Duration,
    mut progress: impl FnMut(&str),
) -> io::Result<Examination> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (Some(mut input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("a process without its pipes"));
    };
    let request = request.to_vec();
    // A process that does not read must not keep us; if it ends early, that shows elsewhere.
    thread::spawn(move || drop(input.write_all(&request)));
    let last_words = thread::spawn(move || tail(errors));
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Ok(line) = serde_json::from_str(&line)
                && sender.send(line).is_err()
            {
                break;
            }
        }
    });
    let mut examination = Examination::default();
    let mut doing = "starts".to_owned();
    let deadline = Instant::now() + limit;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Line::End) => {
                end(&mut child);
                return Ok(examination);
            }
            Ok(Line::Progress { text }) => {
                progress(&text);
                doing = text;
            }
            Ok(line) => examination.take(line),
            Err(RecvTimeoutError::Timeout) => {
                end(&mut child);
                let text = format!(
                    "it was not done within {} s, and was stopped while it {doing}. An environment that waits or loops for ever \
                     would freeze the game; one that is merely slow needs a larger --time-limit here",
                    limit.as_secs()
                );
                examination.findings.push(Finding::new(Level::Problem, text));
                return Ok(examination);
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait()?;
                let words = last_words.join().unwrap_or_default();
                let said = if words.is_empty() { String::new() } else { format!(":\n{words}") };
                let text = format!("its process ended ({status}) while it {doing}{said}");
                examination.findings.push(Finding::new(Level::Problem, text));
                return Ok(examination);
            }
        }
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself, which is all that is wanted.
    drop(child.kill());
    drop(child.wait());
}

/// Reads to the end and keeps the last of it.
fn tail(mut from: impl Read) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..read]);
        if kept.len() > 4 * LAST_WORDS {
            kept.drain(..kept.len() - LAST_WORDS);
        }
    }
    let from = kept.len().saturating_sub(LAST_WORDS);
    String::from_utf8_lossy(&kept[from..]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, limit: u64) -> Examination {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        examine(command, b"{}", Duration::from_millis(limit), |_| ()).unwrap()
    }

    #[test]
    fn findings_are_gathered_until_the_end() {
        let found = run(
            r#"cat >/dev/null; echo '{"kind":"finding","level":"ok","text":"fine"}'; echo '{"kind":"end"}'; sleep 9"#,
            5000,
        );
        assert_eq!(found.findings, [Finding::new(Level::Ok, "fine")]);
    }

    #[test]
    fn a_process_that_hangs_is_stopped_and_what_it_did_is_said() {
        let found = run(r#"echo '{"kind":"progress","text":"plays"}'; exec sleep 60"#, 300);
        assert_eq!(found.findings[0].level, Level::Problem);
        assert!(found.findings[0].text.contains("while it plays"), "{found:?}");
    }

    #[test]
    fn a_process_that_crashes_leaves_its_last_words() {
        let found = run("echo broken >&2; kill -9 $$", 5000);
        let text = &found.findings[0].text;
        assert!(text.contains("signal: 9") && text.ends_with(":\nbroken"), "{text}");
    }
}
