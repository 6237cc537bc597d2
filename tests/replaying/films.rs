//! `greenroom film`.

use greenroom::ids::GameId;
use greenroom::wire::{FILM_KEY_INTERVAL, FilmMarkKind, FilmView, FromFilm};

use crate::record::{Kind, Record};

#[test]
fn a_film_has_every_frame_and_can_be_entered_anywhere() {
    let record = Record::whole(Kind::Together);
    let mut film = record.film(&[]);
    let frames = film.frames_to(1, 90);
    let places: Vec<_> = frames.iter().map(|(_, frame)| (frame.episode, frame.frame)).collect();
    let expected: Vec<_> = (0..2).flat_map(|episode| (0..=90).map(move |frame| (episode, frame))).collect();
    assert_eq!(places, expected);
    for (complete, shown) in &frames {
        assert_eq!(*complete, shown.frame % FILM_KEY_INTERVAL == 0, "{shown:?}");
        assert_eq!(shown.pictures.len(), 1);
        assert!(shown.pictures[0].draw.as_ref().unwrap().contains("mark"));
    }
    assert_eq!((&frames[0].1.actions, frames[0].1.rewards[1].get()), (&vec![String::new(); 2], 0.0));
    assert!(frames[1].1.actions.iter().all(|action| ["0", "1", "2"].contains(&action.as_str())));
    let last = &frames[181].1;
    assert!(last.rewards[0].get() == -last.rewards[1].get() && last.rewards[0].get() != 0.0);
    assert_eq!(frames[91].1.rewards[1].get(), 0.0, "an episode's rewards begin at 0");
    let view = last_view(&mut film);
    assert!(film.child.wait().unwrap().success());
    assert_eq!((view.views, view.ended.as_deref()), (vec![vec![0, 1]], Some("complete")));
    assert_eq!((view.verdict.rows, view.verdict.hashes, view.verdict.difference), (180, 6, None));
    assert!(view.verdict.done);
    let marks: Vec<_> = view.episodes[0].marks.iter().map(|mark| (mark.frame, mark.seat, mark.kind)).collect();
    assert_eq!(marks, [(3, Some(1), FilmMarkKind::StoodIn), (3, Some(0), FilmMarkKind::Rollback)]);
}

fn last_view(film: &mut crate::record::Film) -> FilmView {
    let mut last = None;
    while let Some(message) = film.next() {
        if let FromFilm::View(view) = message {
            last = Some(*view);
        }
    }
    last.expect("a view")
}

#[test]
fn a_running_game_is_followed_to_its_end() {
    let (record, entries) = Record::new(Kind::Together);
    let (now, later) = entries.split_at(entries.len() / 4);
    let (then, last) = later.split_at(later.len() / 2);
    record.append(now);
    let mut film = record.film(&["--follow"]);
    let Some(FromFilm::View(view)) = film.next() else { panic!("no view") };
    assert!(view.ended.is_none() && !view.verdict.done);
    let known = view.episodes[0].frames;
    assert!(known > 0 && known < 90, "{known}");
    assert_eq!(film.frames_to(0, known).len() as u32, known + 1);
    // Nobody ends an episode that may go on.
    record.append(then);
    film.frames_to(1, 0);
    record.append(last);
    film.frames_to(1, 90);
    let view = last_view(&mut film);
    assert!(view.verdict.done && view.ended.is_some());
    assert_eq!((view.verdict.rows, view.verdict.hashes, view.verdict.difference), (180, 6, None));
}

#[test]
fn it_ends_with_whoever_started_it() {
    let (record, entries) = Record::new(Kind::Together);
    record.append(&entries[..entries.len() / 2]);
    let mut film = record.film(&["--follow"]);
    film.next().expect("a view");
    drop(film.child.stdin.take());
    film.child.wait().unwrap();
}

#[test]
fn what_fails_is_told() {
    let mut record = Record::whole(Kind::Alone);
    record.game = GameId::fresh();
    let mut film = record.film(&[]);
    let Some(FromFilm::Failed(trouble)) = film.next() else { panic!("not failed") };
    assert!(trouble.message.contains("there is no game"), "{trouble:?}");
    // Waiting for a child closes its standard input, which would end it as well.
    let held = film.child.stdin.take();
    assert!(film.next().is_none() && !film.child.wait().unwrap().success());
    drop(held);
}
