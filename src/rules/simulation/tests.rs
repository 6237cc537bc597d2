use super::*;

const CALM: Trouble = Trouble { latency: 40.0, jitter: 10.0, stalls: 0.0, cuts: 0.0, drift: 100.0 };

/// What a schedule's number stands for.
fn schedule(number: u64) -> World {
    let mut random = Random(number.wrapping_mul(0x5851_F42D_4C95_7F2D));
    let players = 2 + (random.next() % 3) as usize;
    let fallback = if random.chance(0.7) { Fallback::Previous } else { Fallback::Default };
    let frames = 200 + (random.next() % 300) as u32;
    let rough = random.unit();
    let troubles: Vec<_> = (0..players)
        .map(|_| Trouble {
            latency: random.between(0.0, 200.0),
            jitter: random.between(0.0, 150.0) * rough,
            stalls: random.between(0.0, 0.5) * rough,
            cuts: if random.chance(0.5) { random.between(0.0, 0.3) * rough } else { 0.0 },
            drift: random.between(-200.0, 200.0),
        })
        .collect();
    World::new(number, frames, fallback, &troubles)
}

/// Every client went through what the service confirmed, and nobody ran away.
fn check(world: &World, number: u64) {
    assert!(world.finished(), "schedule {number}: somebody never heard of the end");
    for (seat, player) in world.players.iter().enumerate() {
        let client = &player.client;
        for (frame, hash) in &client.trajectory {
            assert_eq!(world.hashes[*frame as usize], *hash, "schedule {number}: player {seat}, frame {frame}");
        }
        assert_eq!(*client.truth(), world.truth, "schedule {number}: player {seat} ends elsewhere");
        let whole = client.trajectory.len() == world.frames as usize;
        assert!(whole || world.snapshots_sent > 0, "schedule {number}: player {seat} left frames out");
        assert!(client.furthest <= BOUND && client.deepest <= BOUND, "schedule {number}: player {seat} ran away");
        let pacing = player.pacing.check();
        assert_eq!(pacing, Ok(()), "schedule {number}");
    }
    assert_eq!(world.differences, 0, "schedule {number}");
    let last = world.frames / HASH_EVERY * HASH_EVERY;
    let agreed = world.ledger.agreed() == last.checked_sub(1);
    assert!(agreed || world.snapshots_sent > 0, "schedule {number}: the last hashes were not compared");
}

#[test]
fn whatever_the_network_does_all_see_one_game() {
    let mut seen = BTreeMap::<&str, u64>::new();
    for number in 0..300 {
        let mut world = schedule(number);
        world.run();
        check(&world, number);
        for (seat, player) in world.players.iter().enumerate() {
            let client = &player.client;
            *seen.entry("rollbacks").or_default() += u64::from(client.rollbacks);
            *seen.entry("frames waited").or_default() += u64::from(client.waited);
            *seen.entry("late inputs").or_default() += u64::from(world.punctuality(seat).late);
            *seen.entry("rollbacks to the bound").or_default() += u64::from(client.deepest == BOUND);
        }
        *seen.entry("snapshots sent").or_default() += u64::from(world.snapshots_sent);
    }
    // The schedules are bad enough to mean something.
    assert!(seen.values().all(|count| *count > 100), "{seen:?}");
}

#[test]
fn a_schedule_repeats_itself() {
    let play = || {
        let mut world = schedule(7);
        world.run();
        (world.hashes.clone(), world.players[0].paces.clone(), world.now)
    };
    assert_eq!(play(), play());
}

#[test]
fn in_a_calm_network_nobody_waits_and_inputs_are_on_time() {
    for latency in [5.0, 50.0, 100.0, 200.0] {
        let troubles = [-200.0, 0.0, 200.0].map(|drift| Trouble { latency, drift, ..CALM });
        let mut world = World::new(latency as u64, 1200, Fallback::Previous, &troubles);
        world.play_to(300);
        let waited = world.players.iter().map(|player| player.client.waited).collect::<Vec<_>>();
        let before: Vec<_> = (0..3).map(|seat| world.punctuality(seat).stood_in).collect();
        world.play_to(1199);
        for seat in 0..3 {
            let stood_in = world.punctuality(seat).stood_in - before[seat];
            assert!(stood_in <= 9, "{stood_in} of 899 inputs of player {seat} were late at {latency} ms");
            let more = world.players[seat].client.waited - waited[seat];
            assert_eq!(more, 0, "player {seat} waited at {latency} ms");
        }
        world.run();
        check(&world, latency as u64);
    }
}

#[test]
fn nobody_drags_anybody() {
    // Without jitter, since the relayed inputs of others share a player's line and its dice.
    let calm = Trouble { jitter: 0.0, ..CALM };
    let paces = |other: Trouble| {
        let mut world = World::new(3, 900, Fallback::Previous, &[calm, other]);
        world.run();
        world.players[0].paces.clone()
    };
    let awful = Trouble { latency: 200.0, jitter: 150.0, stalls: 1.0, cuts: 0.3, drift: -200.0 };
    assert!(paces(calm) == paces(awful));
}

#[test]
fn a_copy_that_goes_astray_is_found_and_healed() {
    for number in 0..20 {
        let troubles = [Trouble { latency: 10.0 * number as f64, ..CALM }; 2];
        let mut world = World::new(number, 450, Fallback::Previous, &troubles);
        world.play_to(150 + number as u32);
        world.players[1].client.corrupt();
        world.run();
        assert!(world.finished());
        assert_eq!(world.differences, 1, "schedule {number}");
        assert_eq!(world.ledger.agreed(), (world.frames / HASH_EVERY * HASH_EVERY).checked_sub(1));
        let trajectory = &world.players[1].client.trajectory;
        let wrong = trajectory.iter().filter(|(frame, hash)| world.hashes[**frame as usize] != **hash).count();
        assert!(wrong <= 2 * HASH_EVERY as usize + 20, "{wrong} frames were wrong in schedule {number}");
        assert!(world.players.iter().all(|player| player.client.furthest <= BOUND));
    }
}
