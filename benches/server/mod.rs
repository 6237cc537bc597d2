//! A server in a process of its own under games of two, and the processor time that it spends on them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use greenroom::experiment::Experiment;

use crate::support::{Place, group_study};

pub const FPS: u32 = 30;
pub const SECONDS: u32 = 10;

/// A study of a game of two, with one episode that ends when everybody has left.
pub fn study(place: &Place) -> Experiment {
    group_study(place.path(), &["a0", "a1"], |gym| {
        gym.gameplay.num_episodes = 1;
        gym.gameplay.max_steps = 100_000;
    })
}

/// The processor seconds that a server of a kind spends on so many games of two, from the first player's coming to the last
/// one's leaving. A player is told the server's address, and its own number.
pub async fn spent<P>(kind: &str, games: usize, player: impl Fn(String, usize) -> P) -> f64
where
    P: Future<Output = ()> + Send + 'static,
{
    let (mut server, url) = start(kind);
    // Joining costs little beside the frames.
    let before = processor_seconds(&server);
    let mut players = tokio::task::JoinSet::new();
    for number in 0..2 * games {
        players.spawn(player(url.clone(), number));
        // People do not all arrive in the same millisecond, and frames of all games should not close in one either.
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    players.join_all().await;
    let spent = processor_seconds(&server) - before;
    let _ = server.kill();
    let _ = server.wait();
    spent
}

/// Starts this program as a server, on one core where the system can do that.
fn start(kind: &str) -> (Child, String) {
    let program = std::env::current_exe().unwrap();
    let pinned = Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok();
    let mut command = if pinned {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let mut server = command.arg(kind).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
    (server, url.trim().to_owned())
}

/// Processor time of a process until now (Linux).
fn processor_seconds(process: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}
