//! What the host promises to every actor.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use greenroom::actors::clock::{Clock, tick};
use greenroom::actors::host::{AskError, Ended, Failure, Gone, Id, Me, Reply, Room, spawn_root};
use greenroom::actors::meter::Meters;
use tokio::time::{Instant, sleep};

/// An actor that does as it is told.
#[derive(Default)]
struct Puppet {
    ended: Vec<Ended>,
}

enum Order {
    Work(Duration, Option<Reply<()>>),
    Panic,
    Fail,
    Drop(#[allow(dead_code, reason = "only its end matters")] Reply<()>),
    Bear(Reply<greenroom::actors::host::Address<Order>>),
    Mourned(Reply<Vec<Ended>>),
}

impl Room for Puppet {
    type Message = Order;
    const KIND: &'static str = "puppet";
    const DEPTH: usize = 8;

    async fn handle(&mut self, order: Order, me: &Me<Order>) -> Result<(), Failure> {
        match order {
            Order::Work(time, reply) => {
                sleep(time).await;
                if let Some(reply) = reply {
                    reply.send(());
                }
            }
            Order::Panic => panic!("told to"),
            Order::Fail => return Err("told to".into()),
            Order::Drop(reply) => drop(reply),
            Order::Bear(reply) => {
                reply.send(me.spawn(Puppet::default()).await?);
            }
            Order::Mourned(reply) => {
                reply.send(self.ended.clone());
            }
        }
        Ok(())
    }

    async fn child_ended(&mut self, _: Id, ended: Ended, _: &Me<Order>) -> Result<(), Failure> {
        self.ended.push(ended);
        Ok(())
    }
}

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_makes_the_sender_wait() {
    let meters = Meters::default();
    let puppet = spawn_root(Puppet::default(), meters.clone()).await.unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let sender = tokio::spawn({
        let (puppet, sent) = (puppet.clone(), sent.clone());
        async move {
            for _ in 0..100 {
                puppet.send(Order::Work(Duration::from_secs(1), None)).await.unwrap();
                sent.fetch_add(1, SeqCst);
            }
        }
    });
    sleep(Duration::from_millis(500)).await;
    assert_eq!(sent.load(SeqCst), Puppet::DEPTH, "one is being handled with its credit, the rest wait");
    assert!(meters.of("puppet").read().depth < Puppet::DEPTH as u64);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(sent.load(SeqCst), Puppet::DEPTH + 10);
    sender.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_child_that_ends_takes_nobody_along() {
    let meters = Meters::default();
    let parent = spawn_root(Puppet::default(), meters.clone()).await.unwrap();
    let mut children = Vec::new();
    for _ in 0..3 {
        children.push(parent.ask(LONG, Order::Bear).await.unwrap());
    }
    children[0].send(Order::Panic).await.unwrap();
    children[1].send(Order::Fail).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert!(children[0].send(Order::Panic).await.is_err());
    let mourned = parent.ask(LONG, Order::Mourned).await.unwrap();
    assert_eq!(mourned.len(), 2);
    assert!(mourned.iter().all(|ended| matches!(ended, Ended::Crashed(_))));
    children[2].ask(LONG, |reply| Order::Work(Duration::ZERO, Some(reply))).await.unwrap();
    let reading = meters.of("puppet").read();
    assert_eq!((reading.alive, reading.crashed, reading.depth), (2, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_question_has_a_deadline() {
    let puppet = spawn_root(Puppet::default(), Meters::default()).await.unwrap();
    let began = Instant::now();
    let late = puppet.ask(Duration::from_secs(2), |reply| Order::Work(LONG, Some(reply))).await;
    assert_eq!((late, began.elapsed()), (Err(AskError::TimedOut), Duration::from_secs(2)));
    let puppet = spawn_root(Puppet::default(), Meters::default()).await.unwrap();
    assert_eq!(puppet.ask(LONG, Order::Drop).await, Err(AskError::Gone));
}

#[tokio::test(start_paused = true)]
async fn draining_handles_what_waits() {
    let meters = Meters::default();
    let puppet = spawn_root(Puppet::default(), meters.clone()).await.unwrap();
    for _ in 0..5 {
        puppet.tell(Order::Work(Duration::from_millis(10), None)).unwrap();
    }
    assert!(puppet.drain(LONG).await);
    assert_eq!(meters.of("puppet").read().handled, 5);
    assert_eq!(puppet.tell(Order::Fail), Err(Gone));
}

/// An actor whose ticks take longer than their period.
struct Slow(Arc<AtomicUsize>);

impl Room for Slow {
    type Message = Reply<()>;
    const KIND: &'static str = "slow";

    async fn handle(&mut self, reply: Reply<()>, _: &Me<Reply<()>>) -> Result<(), Failure> {
        sleep(Duration::from_millis(100)).await;
        self.0.fetch_add(1, SeqCst);
        reply.send(());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn ticks_never_queue_up_behind_a_slow_handler() {
    let (count, meters) = (Arc::new(AtomicUsize::new(0)), Meters::default());
    let slow = spawn_root(Slow(count.clone()), meters.clone()).await.unwrap();
    let ticking = tick(slow.clone(), Duration::from_millis(10), |reply| reply);
    sleep(Duration::from_secs(10)).await;
    assert!((90..=100).contains(&count.load(SeqCst)), "{count:?} ticks in 100 tick times");
    let began = Instant::now();
    slow.ask(LONG, |reply| reply).await.unwrap();
    assert!(began.elapsed() <= Duration::from_millis(300), "waited {:?} behind ticks", began.elapsed());
    slow.drain(LONG).await;
    tokio::time::timeout(LONG, ticking).await.expect("ticking ends with the actor").unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_clock_follows_the_runtimes() {
    let clock = Clock::system();
    let before = clock.now();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(clock.now().since(before), Duration::from_secs(60));
}
