//! The protocol's types for the browser client, written from the Rust types so that the two cannot part.

use ts_rs::{Config, TS};

use super::*;
use crate::experiment::{
    About, Alternative, Answer, Ask, Asset, Choice, FrameName, InputMode, Look, Mode, OnScreen, Pointer, Row,
};
use crate::ids::{ExperimentId, GameId, QuestionId, ResumeToken, SceneId, SubjectId};

/// The text of `assets/client/wire.d.ts`.
pub fn declarations() -> String {
    let config = Config::new();
    let mut text = String::from(
        "// Generated from src/wire by `make types`; do not edit. A test fails when this file and the service part.\n",
    );
    macro_rules! declare {
        ($($type:ty),* $(,)?) => {
            $(
                text.push('\n');
                if let Some(docs) = <$type as TS>::docs() {
                    text.push_str(&docs);
                }
                text.push_str("export ");
                text.push_str(&<$type as TS>::decl(&config));
                text.push('\n');
            )*
        };
    }
    declare!(
        FromBrowser,
        Hello,
        Browser,
        Continue,
        Ready,
        Progress,
        Answered,
        Answer,
        Saved,
        Present,
        Leave,
        Sight,
        Prepared,
        Inputs,
        Hashes,
        StateHash,
        Witnessed,
        FrameSeen,
        CaughtUp,
        Snapshot,
        Healed,
        Adopted,
        Acts,
        PointerAct,
        Seen,
        Steps,
        Step,
        EpisodeEnded,
        Failed,
        FailedStage,
        Timing,
        ToBrowser,
        Welcome,
        EngineNeeds,
        SceneShown,
        SceneView,
        Page,
        EmbedView,
        BuildView,
        PageState,
        Told,
        FormView,
        QuestionView,
        Ask,
        Alternative,
        Row,
        Look,
        AnswerStored,
        Wanting,
        Lack,
        EndView,
        TroubleView,
        IssuedCode,
        Dismissal,
        Warning,
        About,
        GymView,
        GroupView,
        InputView,
        EnvironmentView,
        ModelView,
        GamePage,
        Play,
        Acknowledged,
        RoundTrip,
        Waiting,
        WaitingState,
        Check,
        Prepare,
        Begin,
        Relayed,
        Confirmed,
        PaceAdvice,
        Paused,
        Away,
        Back,
        HostRole,
        SnapshotWanted,
        Heal,
        CatchUp,
        Picture,
        Image,
        Echo,
        Over,
        Refused,
        RefusalCode,
        FilmView,
        FilmSeat,
        FilmEpisode,
        FilmMark,
        FilmMarkKind,
        FilmVerdict,
        FilmDifference,
        FilmFrame,
        FilmPicture,
        Asset,
        FrameName,
        InputMode,
        OnScreen,
        Pointer,
        Mode,
        Choice,
        ExperimentId,
        QuestionId,
        SceneId,
        SubjectId,
        GameId,
        ResumeToken,
    );
    text
}
