//! The harness: people, kills, and what it came to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::audit;
use crate::book::Book;
use crate::person::{Manner, Person};
use crate::server::{Launch, Server, kill};
use crate::world::Luck;

/// People who are there at once.
const CROWD: usize = 14;

/// Longest that the last ones may take once nothing is killed any more: nothing takes so long unless it hangs.
const FINISH: Duration = Duration::from_secs(240);

fn given(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[derive(Default)]
struct Tally {
    service: u32,
    while_starting: u32,
    while_draining: u32,
    workers: u32,
    starts: Vec<Duration>,
}

#[test]
fn whoever_is_killed_whenever_nothing_acknowledged_is_lost() {
    let (kills, seed) = (given("KILLS", 6), given("SEED", 1));
    let kept = std::env::var_os("CRASH_FOLDER");
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.as_ref().map_or(temporary.path(), |kept| Path::new(kept));
    std::fs::create_dir_all(folder).unwrap();
    let launch = Launch::new(folder);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let book = Book::default();
    let began = Instant::now();
    let tally = runtime.block_on(run(&launch, &book, kills, seed));
    let found = audit::audit(&launch, &book);
    report(&tally, &book, &found, seed, began.elapsed());
    let problems = book.open().problems.clone();
    if !problems.is_empty() {
        let kept = temporary.keep();
        panic!("{} problems (seed {seed}; see {}):\n{}", problems.len(), kept.display(), problems.join("\n"));
    }
}

async fn run(launch: &Launch, book: &Book, kills: u64, seed: u64) -> Tally {
    let (mut luck, mut tally) = (Luck::new(seed), Tally::default());
    let mut server = launch.start();
    let crowd = Arc::new(Semaphore::new(CROWD));
    let mut people = JoinSet::new();
    let coming = people_come(launch.url(), Luck::new(seed ^ 0xface), crowd.clone(), book.clone(), &mut people);
    let done = async {
        for _ in 0..kills {
            round(launch, &mut server, &mut luck, &mut tally, book).await;
        }
    };
    tokio::select! {
        () = coming => {}
        () = done => {}
    }
    // Nobody new comes, and those who are there finish.
    tally.starts.extend(server.listens());
    finish(&mut server, &mut people, book).await;
    tally
}

/// People come as others go, for ever.
async fn people_come(url: String, mut luck: Luck, crowd: Arc<Semaphore>, book: Book, people: &mut JoinSet<()>) {
    for number in 1.. {
        let Ok(place) = crowd.clone().acquire_owned().await else { return };
        let manner = match luck.of(0..100) {
            0..4 => Manner::Quits,
            4..10 => Manner::Leaves,
            _ => Manner::Plain,
        };
        let own = Luck::new(luck.next());
        let person = Person::new(url.clone(), format!("p{number}"), own, manner, book.clone());
        people.spawn(async move {
            person.live().await;
            drop(place);
        });
        tokio::time::sleep(Duration::from_millis(luck.of(20..400))).await;
    }
}

/// Lets some time pass, and kills.
async fn round(launch: &Launch, server: &mut Server, luck: &mut Luck, tally: &mut Tally, book: &Book) {
    let wait = match luck.of(0..100) {
        0..15 => luck.of(0..1500),
        15..50 => luck.of(500..4000),
        _ => luck.of(2000..9000),
    };
    let what = luck.of(0..100);
    tokio::time::sleep(Duration::from_millis(wait)).await;
    if let Some(ended) = server.has_ended() {
        book.open().problem(format!("the service ended by itself: {ended:?}"));
        *server = launch.start();
        return;
    }
    let workers = server.workers();
    if what < 20 && !workers.is_empty() {
        let worker = workers[luck.of(0..workers.len() as u64) as usize];
        tally.workers += u32::from(kill(worker));
        return;
    }
    let listens = server.listens();
    tally.while_starting += u32::from(listens.is_none());
    tally.starts.extend(listens);
    book.open().killed();
    if (20..28).contains(&what) {
        server.terminate();
        tokio::time::sleep(Duration::from_millis(luck.of(0..400))).await;
        tally.while_draining += 1;
    }
    server.kill();
    tally.service += 1;
    *server = launch.start();
}

/// So many people, who go through the whole study.
pub fn people(launch: &Launch, manners: &[Manner], book: &Book, first: usize) -> JoinSet<()> {
    let mut people = JoinSet::new();
    for (number, manner) in (first..).zip(manners) {
        let luck = Luck::new(number as u64);
        people.spawn(Person::new(launch.url(), format!("p{number}"), luck, *manner, book.clone()).live());
    }
    people
}

/// Waits until all have gone through, and stops the service.
pub async fn finish(server: &mut Server, people: &mut JoinSet<()>, book: &Book) {
    let all = async { while people.join_next().await.is_some() {} };
    if tokio::time::timeout(FINISH, all).await.is_err() {
        let mut book = book.open();
        let here = book.people.iter().filter(|(_, told)| !told.ended && !told.gone);
        let stuck: Vec<String> = here.map(|(subject, told)| format!("{subject} ({})", told.doing)).collect();
        book.problem(format!("do not get onward: {}", stuck.join(", ")));
    }
    server.terminate();
    match tokio::task::block_in_place(|| server.end()) {
        Some(status) if status.success() => {}
        other => book.open().problem(format!("the service did not stop in good order: {other:?}")),
    }
}

fn report(tally: &Tally, book: &Book, found: &audit::Found, seed: u64, took: Duration) {
    let book = book.open();
    let quantile = |times: &[Duration], share: f64| {
        let mut times = times.to_vec();
        times.sort();
        times.get(((times.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or_default().as_secs_f64()
    };
    println!("seed {seed}, {:.0} s", took.as_secs_f64());
    let Tally { service, while_starting, while_draining, workers, .. } = tally;
    println!(
        "kills       service {service} ({while_starting} while it started, {while_draining} while it drained), workers {workers}"
    );
    println!("people      {}, {} reached the end, {} went away for good", book.people.len(), found.ended, found.gone);
    println!(
        "games       {}",
        found.games.iter().map(|(scene, count)| format!("{scene} {count}")).collect::<Vec<_>>().join(", ")
    );
    println!("rows        {} acknowledged or shown, {} lost; {} on record", found.acknowledged, found.lost, found.rows);
    println!("frames      {} told, {} differ; {} on record", found.told, found.differ, found.frames);
    println!("replayed    {}", found.replayed);
    let all: Vec<Duration> = book.resumed.values().flatten().copied().collect();
    println!(
        "resumed     {} of {} interrupted games ({} were interrupted again before, {} ended before)",
        all.len(),
        book.interrupted,
        book.again,
        book.ended
    );
    for (scene, times) in std::iter::once((&"all".to_owned(), &all)).chain(&book.resumed) {
        let (p50, p99) = (quantile(times, 0.5), quantile(times, 0.99));
        println!("            {scene:8} {:4}, from the last kill p50 {p50:.2} s, p99 {p99:.2} s", times.len());
    }
    println!("start-up    p50 {:.2} s, p99 {:.2} s", quantile(&tally.starts, 0.5), quantile(&tally.starts, 0.99));
    println!("codes       {}; reconnections {}; refusals {:?}", found.codes, book.reconnections, book.refusals);
}
