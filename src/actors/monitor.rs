//! The monitor: tells the operator, every few seconds and in the logs, what each kind of actor is doing and where the
//! participants are.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::tick;
use super::host::{Address, Failure, Me, Reply, Room};
use super::lateness::LatenessReading;
use super::participants;
use super::scene_managers;
use super::services::Services;
use super::workers;

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
    services: Services,
    handled: BTreeMap<&'static str, u64>,
    at: Instant,
}

impl Monitor {
    /// A monitor that has not reported yet.
    pub fn new(
        participants: Address<participants::Message>,
        managers: Address<scene_managers::Message>,
        services: &Services,
    ) -> Self {
        Self { participants, managers, services: services.clone(), handled: BTreeMap::new(), at: Instant::now() }
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
        if let Some(LatenessReading { ticks, p50, p99, max }) = self.services.lateness.take() {
            tracing::info!(
                target: "greenroom::metrics",
                ticks,
                late_p50_ms = p50,
                late_p99_ms = p99,
                late_max_ms = max,
                "frame clocks"
            );
        }
        if let Some(trouble) = self.services.health.trouble() {
            tracing::info!(
                target: "greenroom::metrics",
                failing_ms = trouble.lasted.as_millis() as u64,
                refused = trouble.refused,
                turned_away = trouble.turned_away,
                "store"
            );
        }
        self.report_workers().await;
    }

    async fn report_workers(&self) {
        let Some(workers) = &self.services.workers else { return };
        let Ok(census) = workers.ask(CENSUS_DEADLINE, workers::Message::Census).await else { return };
        for worker in census.workers {
            tracing::info!(
                target: "greenroom::metrics",
                worker = worker.number,
                up = worker.up,
                games = worker.games,
                load = format_args!("{:.2}", worker.load),
                step_p50_ms = format_args!("{:.2}", worker.step_p50.as_secs_f64() * 1e3),
                step_p99_ms = format_args!("{:.2}", worker.step_p99.as_secs_f64() * 1e3),
                restarts = worker.restarts,
                "workers"
            );
        }
        for (scene, view) in census.scenes {
            tracing::info!(
                target: "greenroom::metrics",
                %scene,
                frame_us = view.frame_us,
                load = format_args!("{:.3}", view.load),
                games = view.games,
                reserved = view.reserved,
                refused = view.refused,
                "room on the workers"
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
