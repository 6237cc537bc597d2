//! Waiting rooms: who plays with whom, and what becomes of those who play with nobody.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use greenroom::experiment::{Matching, OnTimeout};
use greenroom::facts::{Fact, ParticipantFact, Stream};
use greenroom::ids::SubjectId;
use greenroom::rules::matchers::{Suggest, Waiter};
use greenroom::rules::waitroom;
use greenroom::wire::{Dismissal, Failed, FailedStage, FromBrowser, SceneView, WaitingState, decode};
use tokio::time::sleep;

use crate::disk::Disk;
use crate::house::{House, PATIENCE, SECOND, waiting_study};
use crate::page::{Page, pass};
use crate::studies::id;

#[tokio::test(start_paused = true)]
async fn who_came_first_plays_first() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    let waiting = ann.waiting.clone().expect("whoever arrives is told at once");
    assert_eq!((waiting.visit, waiting.position, waiting.count, waiting.size), (2, 1, 1, 2));
    assert_eq!(waiting.state, WaitingState::Waiting);
    assert!(waiting.left_ms > 39_000 && waiting.left_ms + waiting.waited_ms == 40_000, "{waiting:?}");
    let mut bob = Page::ready(&house, "bob").await;
    let mut cat = Page::ready(&house, "cat").await;
    pass(&mut [&mut ann, &mut bob, &mut cat], 2 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);
    assert!(ann.plays() && bob.plays() && !cat.plays());
    let waiting = cat.waiting.clone().unwrap();
    assert_eq!((waiting.position, waiting.count), (1, 1));
    let seats = &house.disk.games()[0];
    assert_eq!(seats.iter().map(|seat| seat.agent.as_str()).collect::<Vec<_>>(), ["left", "right"]);
    let joined = house.disk.of(&Stream::Participant("ann".parse().unwrap()));
    let joined = joined.into_iter().find_map(|recorded| match recorded.fact {
        Fact::Participant(ParticipantFact::GameJoined { visit, partners, .. }) => Some((visit, partners)),
        _ => None,
    });
    assert_eq!(joined, Some((2, ["bob".parse().unwrap()].into())));

    ann.leave().await;
    assert!(ann.code().is_none() && ann.plays(), "a button pressed too late takes nobody out of a game");
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_hidden_page_and_one_that_does_not_answer_are_matched_with_nobody() {
    let house = House::open(OnTimeout::End).await;
    let mut hidden = Page::ready(&house, "hidden").await;
    hidden.visible = false;
    let mut frozen = Page::ready(&house, "frozen").await;
    frozen.awake = false;
    pass(&mut [&mut hidden, &mut frozen], 2 * SECOND).await;
    assert_eq!(hidden.waiting.as_ref().unwrap().state, WaitingState::Asleep);
    let mut ann = Page::ready(&house, "ann").await;
    pass(&mut [&mut hidden, &mut frozen, &mut ann], 5 * SECOND).await;
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut hidden, &mut frozen, &mut ann, &mut bob], 2 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);

    let mut cat = Page::ready(&house, "cat").await;
    hidden.show(true).await;
    pass(&mut [&mut hidden, &mut cat], 2 * SECOND).await;
    assert_eq!(house.disk.pairs()[1..], [["hidden", "cat"]], "whoever comes into sight has the old place");
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_in_vain_is_led_onward_with_a_code() {
    for (on_timeout, target) in [(OnTimeout::End, "end"), (OnTimeout::Scene(id("late")), "late")] {
        let house = House::open(on_timeout).await;
        let mut ann = Page::ready(&house, "ann").await;
        ann.look_for(PATIENCE - 2 * SECOND).await;
        assert!(matches!(ann.view(), SceneView::Gym(_)));
        ann.look_for(4 * SECOND).await;
        let code = ann.code().expect("a code");
        let mut again = ann.reconnect(&house).await;
        assert_eq!(again.code(), Some(code.clone()), "the same page and code");
        again.go_on().await;
        assert_eq!(again.at(), target);
        if let SceneView::End(end) = again.view() {
            assert_eq!(end.codes.iter().map(|issued| issued.code.clone()).collect::<Vec<_>>(), [code]);
            assert_eq!(end.codes[0].reason, Dismissal::NoPartner);
        }
        house.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_takes_the_empty_seat() {
    let house = House::open(OnTimeout::Bot).await;
    let mut ann = Page::ready(&house, "ann").await;
    let mut gone = Page::open(&house, "gone").await;
    gone.visible = false;
    gone.go_on().await;
    gone.ask().await;
    pass(&mut [&mut ann, &mut gone], PATIENCE - 2 * SECOND).await;
    gone.hang_up().await;
    ann.look_for(4 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "-"]], "no game for somebody who is away");
    assert!(ann.plays());
    let mut back = gone.reconnect(&house).await;
    back.look_for(2 * SECOND).await;
    assert_eq!(house.disk.pairs()[1..], [["gone", "-"]]);
    assert!(back.plays());
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn leaving_leads_onward() {
    let house = House::open(OnTimeout::Scene(id("late"))).await;
    let mut ann = Page::ready(&house, "ann").await;
    ann.look_for(SECOND).await;
    ann.leave().await;
    ann.look_for(SECOND).await;
    assert!(ann.code().is_some());
    ann.leave().await;
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut ann, &mut bob], 3 * SECOND).await;
    assert!(house.disk.pairs().is_empty());
    ann.go_on().await;
    assert_eq!(ann.at(), "late");
    assert!(ann.refused.is_empty());

    bob.hang_up().await;
    sleep(20 * SECOND).await;
    let bob = bob.reconnect(&house).await;
    assert!(bob.code().is_some(), "who was away for too long is led onward too");
    assert_eq!(house.disk.dismissals(), [Dismissal::LeftWaiting, Dismissal::LeftWaiting]);
    house.close().await;
}

/// Pairs whose names begin alike; fails once before.
struct Alike(AtomicBool);

impl Suggest for Alike {
    fn suggest(&self, waiting: &[Waiter], size: usize) -> Result<Vec<Vec<SubjectId>>, String> {
        if !self.0.swap(true, SeqCst) {
            panic!("the researcher's own mistake");
        }
        let mut alike = BTreeMap::<u8, Vec<SubjectId>>::new();
        for waiter in waiting {
            alike.entry(waiter.subject.as_str().as_bytes()[0]).or_default().push(waiter.subject.clone());
        }
        Ok(alike.into_values().map(|group| group.into_iter().take(size).collect()).collect())
    }
}

#[tokio::test(start_paused = true)]
async fn a_researchers_own_rule_matches() {
    let rule: Arc<dyn Suggest> = Arc::new(Alike(AtomicBool::new(false)));
    let suggesters = Arc::new(BTreeMap::from([(id("together"), rule)]));
    let study = waiting_study(OnTimeout::End, Matching::Function { name: "alike".into() });
    let house = House::over(Disk::default(), study, suggesters).await;
    let mut pages = Vec::new();
    for name in ["a1", "b1", "a2"] {
        pages.push(Page::ready(&house, name).await);
    }
    pass(&mut pages.iter_mut().collect::<Vec<_>>(), 5 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["a1", "a2"]]);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_game_that_is_over_releases_its_players() {
    let house = House::open(OnTimeout::End).await;
    let (mut ann, mut bob) = (Page::ready(&house, "ann").await, Page::ready(&house, "bob").await);
    pass(&mut [&mut ann, &mut bob], SECOND).await;
    assert!(ann.plays() && bob.plays());
    let failed =
        Failed { visit: 2, stage: FailedStage::Step, message: "broke".into(), traceback: String::new(), give_up: true };
    ann.say(FromBrowser::Failed(failed)).await;
    pass(&mut [&mut ann, &mut bob], 150 * SECOND).await;
    assert_eq!(house.disk.of_waiting_room(|fact| matches!(fact, waitroom::Fact::Released { .. })), 2);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_page_is_told_what_it_needs_to_play_with_others() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::open(&house, "ann").await;
    ann.go_on().await;
    let SceneView::Gym(gym) = ann.view() else { panic!("no game") };
    let group = gym.group.as_ref().unwrap();
    assert_eq!(
        (&group.agents[..], group.max_prediction, group.smoothing_ms),
        (&["left", "right"].map(String::from)[..], 8, 100)
    );
    assert!(!gym.begun);
    let settings: BTreeMap<String, rmpv::Value> = decode(&gym.environment.as_ref().unwrap().settings).unwrap();
    assert_eq!(settings["agents"], rmpv::Value::Array(vec!["left".into(), "right".into()]));
    let number = |name: &str| settings[name].as_u64();
    let numbers = ["input_delay", "max_prediction", "snapshot_interval", "hash_interval"].map(number);
    assert_eq!(numbers, [Some(0), Some(8), Some(3), Some(30)]);
    assert_eq!((settings["smoothing"].as_bool(), settings.get("me")), (Some(true), None));
    house.close().await;
}
