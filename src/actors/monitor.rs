//! The monitor: tells the operator, every few seconds and in the logs, what each kind of actor is doing and where the
//! participants are.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::tick;
use super::host::{Address, Failure, Me, Reply, Room};
use super::participants;
use super::scene_managers;

/// Time between two reports.
pub const REPORT_EVERY: Duration = Duration::from_secs(5);

/// Longest that the census may take; a report without it is better than none.
const CENSUS_DEADLINE: Duration = Duration::from_millis(1500);

/// What can be said to the monitor.
#[derive(Debug)]
pub enum Message {
    /// It is time to report.
    Report(Reply<()>),
}

/// The monitor.
pub struct Monitor {
    participants: Address<participants::Message>,
    managers: Address<scene_managers::Message>,
    handled: BTreeMap<&'static str, u64>,
    at: Instant,
}

impl Monitor {
    /// A monitor that has not reported yet.
    pub fn new(participants: Address<participants::Message>, managers: Address<scene_managers::Message>) -> Self {
        Self { participants, managers, handled: BTreeMap::new(), at: Instant::now() }
    }

    async fn report(&mut self, me: &Me<Message>) {
        let seconds = self.at.elapsed().as_secs_f64().max(0.001);
        self.at = Instant::now();
        for (kind, meter) in me.meters().all() {
            let reading = meter.read();
            let before = self.handled.insert(kind, reading.handled).unwrap_or(0);
            tracing::info!(
                target: "greenroom::metrics",
                actor = kind,
                alive = reading.alive,
                mailbox = reading.depth,
                messages_per_second = format_args!("{:.1}", (reading.handled - before) as f64 / seconds),
                handling_p50_us = reading.busy_p50.as_micros() as u64,
                handling_p99_us = reading.busy_p99.as_micros() as u64,
                crashes = reading.crashed,
                "actors"
            );
        }
        let census = self.participants.ask(CENSUS_DEADLINE, participants::Message::Census).await;
        for (scene, count) in census.unwrap_or_default() {
            tracing::info!(target: "greenroom::metrics", %scene, here = count.here, away = count.away, "participants");
        }
        let census = self.managers.ask(CENSUS_DEADLINE, scene_managers::Message::Census).await;
        for (scene, count) in census.unwrap_or_default() {
            tracing::info!(
                target: "greenroom::metrics",
                %scene,
                waiting = count.waiting,
                full = count.full,
                asleep = count.asleep,
                away = count.away,
                games = count.games,
                no_room = count.no_room,
                "waiting room"
            );
        }
    }
}

impl Room for Monitor {
    type Message = Message;
    const KIND: &'static str = "monitor";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        tick(me.address().clone(), REPORT_EVERY, Message::Report);
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        let Message::Report(reply) = message;
        self.report(me).await;
        reply.send(());
        Ok(())
    }
}
