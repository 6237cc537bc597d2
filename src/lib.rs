//! Greenroom turns Python environments (Gymnasium, PettingZoo) into browser experiments.
//!
//! A researcher writes one experiment module, an operator starts one binary with it, participants open a link, and the
//! data ends up in files that can be trusted.
//!
//! # The house
//!
//! Four floors; imports run downward only (`tests/floors.rs` holds us to it).
//!
//! | floor | module | what is there |
//! |---|---|---|
//! | 0, words | [`ids`], [`time`] | names and points in time, checked where they enter |
//! | | [`wire`] | what crosses a socket: one enum each way, its codec, the client's types |
//! | | [`experiment`] | the study as plain types |
//! | 1, rules | [`rules`] | pure machines: session, stager, conditions, waiting room, episodes, shared game, placement, turnstile, restart |
//! | | [`facts`] | what the journal remembers of them, and the traits a store has to offer |
//! | 2, actors | [`actors`] | the shells around the rules; the only floor that knows the actor library |
//! | 3, edges | [`gateway`] | one port for pages, assets and WebSockets |
//! | | [`python`] | the embedded interpreter, experiment modules, packages for the browser, a worker process's inside |
//! | | [`doctor`] | `greenroom check`: examines a study's environments, each in a process of its own |
//! | | [`store`] | the journal in SQLite, and the files that people open |
//! | | [`export`] | tables of a whole study, and its codebook |
//! | | [`replay`] | plays recorded games again: to prove the record, and for whoever watches |
//! | | [`telemetry`] | logs |
//! | the roof | [`service`] | puts the rooms together and runs them |
//! | | [`handover`] | a running service gives its place to a successor |
//!
//! # The supervision tree
//!
//! ```text
//! House
//! ├─ Gateway ─ one task per connection
//! ├─ Participants ─ Participant*           outlive sockets and games
//! ├─ SceneManagers ─ SceneManager* ─ Game*, SharedGame* ─ Runner
//! ├─ Workers ─ Worker*                     processes that host environments
//! ├─ Assigner                              numbers people, assigns levels; only if a study draws something
//! ├─ Recorder                              the only writer of the store
//! ├─ Callbacks                             tells a researcher's own code of what was stored
//! └─ Monitor
//! ```
//!
//! # The life of one step
//!
//! A key press becomes an action in the browser, where the environment steps in a worker and makes a row. Rows travel in
//! `steps`, a message that the connection's task gives straight to the [`actors::game`]. The game asks its rule,
//! [`rules::episodes`], which facts and effects follow; has the facts stored by the [`actors::recorder`], together with
//! those of all other games that wait at that moment; applies them; and only then acknowledges the steps to the browser,
//! which forgets them. At the end of the episode the files are written anew from the journal.
//!
//! # The life of one frame of several players
//!
//! A key press becomes an input for a frame a little ahead. The connection's task gives it to the [`actors::shared_game`],
//! whose rule, [`rules::shared_game`], relays it to the others at once. When the frame's time is over, the rule closes
//! it: what everybody did in it is fixed, stored, and then told to all. The browsers, which have gone on with guesses, roll
//! back where they guessed wrong. One of them, the host, sends the rows of confirmed frames, as a single player does.
//!
//! Where the service has a copy of the environment, for one person or for several, that copy is the reference instead: the
//! rule orders it to play what is confirmed, the [`actors::runner`] passes orders on to the [`actors::worker`] that hosts
//! it, and its rows, states and pictures come back the same way.
//!
//! # One invariant for each part
//!
//! - A message that was decoded is of the right form; behind the edge nobody checks again.
//! - A rule's state is what its facts make of it; a fact is stored before anybody is told of it.
//! - An acknowledged step is in the journal exactly once, whatever a browser, a network or a crash does.
//! - A frame that was told to anybody is in the journal and never changes; all copies of a game play the same frames.
//! - What a browser sends or leaves unread fills no memory, no wait goes on for ever, and everybody has a way onward.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod actors;
pub mod doctor;
pub mod experiment;
pub mod export;
pub mod facts;
pub mod gateway;
pub mod handover;
pub mod ids;
pub mod python;
pub mod replay;
pub mod rules;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod time;
pub mod wire;
