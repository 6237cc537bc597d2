//! A waiting room with two hundred people who come, go, hide and return.

use std::collections::BTreeSet;

use greenroom::experiment::OnTimeout;
use greenroom::facts::{Fact, ParticipantFact, SceneFact, Stream};
use greenroom::ids::SubjectId;

use crate::disk::dismissal;
use crate::house::{House, PATIENCE, SECOND};
use crate::page::{LOOK, Page, pass};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_hundred_nobody_is_in_two_games_and_nobody_is_lost() {
    for (seed, on_timeout) in [(1, OnTimeout::End), (2, OnTimeout::Bot)] {
        let house = House::open(on_timeout).await;
        let mut dice = Dice(seed);
        let mut pages: Vec<Page> = Vec::new();
        let mut broken: Vec<(u64, Page)> = Vec::new();
        for moment in 0..600_u64 {
            if pages.len() + broken.len() < 200 && dice.roll(2) == 0 {
                pages.push(Page::ready(&house, &format!("p{}", pages.len() + broken.len())).await);
            }
            if !pages.is_empty() {
                let index = dice.roll(pages.len() as u64) as usize;
                match dice.roll(8) {
                    0 => pages[index].leave().await,
                    1 => pages[index].show(false).await,
                    2 => pages[index].show(true).await,
                    3 => pages[index].awake ^= true,
                    4 => {
                        pages[index].hang_up().await;
                        broken.push((moment + dice.roll(200), pages.swap_remove(index)));
                    }
                    _ => {}
                }
            }
            let (back, still) = broken.into_iter().partition(|(until, _)| *until <= moment);
            broken = still;
            for (_, page) in back as Vec<(u64, Page)> {
                pages.push(page.reconnect(&house).await);
            }
            pass(&mut pages.iter_mut().collect::<Vec<_>>(), LOOK).await;
        }
        for (_, page) in broken {
            pages.push(page.reconnect(&house).await);
        }
        pass(&mut pages.iter_mut().collect::<Vec<_>>(), PATIENCE + 10 * SECOND).await;
        assert_eq!(pages.len(), 200);

        let players = house.disk.games().into_iter().flatten().filter_map(|seat| seat.player);
        let players: Vec<SubjectId> = players.map(|player| player.subject).collect();
        let different: BTreeSet<_> = players.iter().collect();
        assert_eq!(different.len(), players.len(), "somebody is in two games");
        assert!(house.disk.pairs().iter().filter(|pair| pair[1] != "-").count() > 20, "pairs were made");
        for page in &pages {
            let own = house.disk.of(&Stream::Participant(page.name.clone()));
            let joined = own.iter().any(|recorded| {
                matches!(recorded.fact, Fact::Participant(ParticipantFact::GameJoined { visit: 2, .. }))
            });
            let dismissed = own.iter().filter_map(|recorded| dismissal(recorded.fact.clone())).count();
            assert_eq!(joined, different.contains(&page.name), "{} and the game disagree", page.name);
            assert!(joined || dismissed == 1, "{} is lost", page.name);
            assert!(dismissed <= 1, "{} was dismissed {dismissed} times", page.name);
        }
        let made =
            house.disk.facts().into_iter().filter(|fact| matches!(fact, Fact::Scene(SceneFact::GameMade { .. })));
        assert_eq!(made.count(), house.disk.games().len());
        house.close().await;
    }
}
