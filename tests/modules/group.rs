//! Every option of playing together refuses what it does not allow.

use crate::bench::{Study, refused};

#[test]
fn of_multiplayer() {
    refused(&[
        (
            "GymScene().multiplayer(input_delay=61)",
            "ValueError: GymScene.multiplayer: input_delay must be a whole number from 0 to 60, but 61 was given",
        ),
        ("GymScene().multiplayer(input_delay=-1)", "input_delay must be a whole number from 0 to 60, but -1"),
        ("GymScene().multiplayer(input_delay='2')", "TypeError: GymScene.multiplayer: input_delay must be"),
        ("GymScene().multiplayer(max_prediction=0)", "max_prediction must be a whole number from 1 to 60, but 0"),
        ("GymScene().multiplayer(snapshot_interval=61)", "snapshot_interval must be a whole number from 1 to 60"),
        ("GymScene().multiplayer(hash_interval=3601)", "hash_interval must be a whole number from 1 to 3600"),
        (
            "GymScene().multiplayer(state_broadcast_interval=0)",
            "state_broadcast_interval must be a whole number from 1 to",
        ),
        (
            "GymScene().runtime(mode='server')",
            "ValueError: GymScene.runtime: mode must be 'browser' or 'authoritative' or 'streamed', but 'server' was given",
        ),
        ("GymScene().rendering(frame_quality=101)", "frame_quality must be a whole number from 1 to 100, but 101"),
        ("GymScene().multiplayer(on_desync='stop')", "on_desync must be 'heal' or 'end', but 'stop' was given"),
        (
            "GymScene().multiplayer(on_absence='wait')",
            "on_absence must be 'pause' or 'continue' or 'bot', but 'wait' was given",
        ),
        (
            "GymScene().multiplayer(reconnection_timeout_ms=30)",
            "reconnection_timeout_ms must be a whole number from 1000 to 3600000, but 30 was given",
        ),
        ("GymScene().multiplayer(absence_limit_ms=0)", "absence_limit_ms must be a whole number from 1000 to 7200000"),
        ("GymScene().multiplayer(load_timeout_ms=1.5)", "load_timeout_ms must be a whole number from 1000"),
        ("GymScene().multiplayer(ready_timeout_ms=None)", "ready_timeout_ms must be a whole number from 1000"),
        (
            "GymScene().multiplayer(partner_disconnect_message=3)",
            "partner_disconnect_message must be HTML (str), or None for Greenroom's own text, but 3 was given",
        ),
        (
            "GymScene().multiplayer(2)",
            "2 was given without a name: write the option's name, for example input_delay=...",
        ),
        ("GymScene().multiplayer(input_dealy=2)", "did you mean `input_delay`?"),
        ("GymScene().rendering(rollback_smoothing_duration=1001)", "must be a whole number from 0 to 1000, but 1001"),
        ("GymScene().rendering(rollback_smoothing_duration=None)", "rollback_smoothing_duration is a number of milli"),
        ("GymScene().rendering(rollback_smoothing_duration=None)", "give 0 for none"),
    ]);
}

#[test]
fn of_multiplayer_elsewhere() {
    refused(&[
        (
            "GymScene().multiplayer(mode='p2p')",
            "`mode` is not an option of GymScene.multiplayer in this version; say where the environment runs with \
             .runtime(mode='browser')",
        ),
        ("GymScene().multiplayer(server_authoritative=True)", ".runtime(mode='authoritative')"),
        ("GymScene().runtime(run_through_pyodide=True)", "with mode='browser', 'authoritative' or 'streamed'"),
        ("GymScene().runtime(server_authoritative=True)", "give mode='authoritative'"),
        ("GymScene().multiplayer(multiplayer=True)", "is one for several people: remove it"),
        ("GymScene().multiplayer(input_confirmation_timeout_ms=500)", "the service confirms every frame"),
        ("GymScene().multiplayer(max_rtt=100)", "give .waitroom(matchmaker=LatencyFifoMatchmaker(max_rtt_sum_ms=...))"),
        ("GymScene().multiplayer(matchmaker=FifoMatchmaker())", "it belongs to the waiting: .waitroom(...) has it"),
        ("GymScene().multiplayer(hide_lobby_count=True)", "it belongs to the waiting: .waitroom(...) has it"),
        ("GymScene().multiplayer(wait_for_known_group=True)", "GroupReunionMatchmaker(...)"),
        ("GymScene().multiplayer(group_wait_timeout=1)", "GroupReunionMatchmaker(...)"),
        ("GymScene().monitoring(continuous_max_ping=200)", "the option is `max_ping`"),
        ("GymScene().monitoring()", "max_ping is missing, and so are"),
        (
            "GymScene().monitoring(max_ping=1, ping_violation_window=2)",
            "must be at most ping_violation_window, which is 2",
        ),
        ("GymScene().monitoring(tab_warning_ms=2000, tab_exclude_ms=1000)", "must be at most tab_exclude_ms"),
        ("GymScene().monitoring(tab_exclude_ms=2000, callback_interval_s=3)", "takes effect only with callback"),
        ("GymScene().monitoring(callback=print, exclusion_messages={'tab': 'x'})", "has the key 'tab'"),
        ("Experiment().entry_screening(device_exclusion='phone')", "must be 'mobile', 'desktop' or None, but 'phone'"),
        ("Experiment().entry_screening(browser_requirements=['Crome'])", "did you mean 'Chrome'?"),
        ("Experiment().entry_screening(browser_requirements={'Chrome': 'new'})", "a version is a whole number"),
        ("Experiment().entry_screening(min_ping_measurements=3)", "takes effect only with max_ping"),
        ("Experiment().entry_screening(min_screen=800)", "min_screen must be a width and a height"),
        ("Experiment().entry_screening(entry_callback=lambda: 1)", "called with two arguments (participant, context)"),
        ("Experiment().completion_codes(complete='a b')", "complete must be a code of 1 to 64 letters"),
        ("Experiment().completion_codes(timeout='x')", "waiting in vain is `no_partner`"),
        ("Experiment().prolific()", "complete is missing"),
        ("GymScene().multiplayer(continuous_max_ping=200)", "players are watched with .monitoring(max_ping="),
        ("GymScene().multiplayer(continuous_tab_exclude_ms=1)", "is said with .monitoring(tab_warning_ms="),
        ("GymScene().multiplayer(focus_loss_timeout_ms=1)", "is said with .monitoring(tab_warning_ms="),
        ("GymScene().multiplayer(pause_on_partner_background=True)", "a game goes on while somebody's tab is hidden"),
        ("GymScene().multiplayer(partner_disconnect_show_completion_code=True)", "is shown a code"),
        ("GymScene().multiplayer(rollback_smoothing_duration=1)", "give .rendering(rollback_smoothing_duration=...)"),
        ("GymScene().waitroom(timeout_redirect_url='https://a.org')", "EndScene.redirect(...)"),
        ("GymScene().waitroom(max_rtt=100)", "give matchmaker=LatencyFifoMatchmaker(max_rtt_sum_ms=...)"),
    ]);
}

#[test]
fn of_waitroom() {
    refused(&[
        (
            "GymScene().waitroom(timeout=120)",
            "ValueError: GymScene.waitroom: timeout must be a whole number from 1000 to 7200000, but 120 was given",
        ),
        ("GymScene().waitroom(on_timeout='redirect')", "on_timeout must be 'end' or 'scene' or 'bot', but 'redirect'"),
        ("GymScene().waitroom(timeout_scene_id='a b')", "timeout_scene_id must be the scene_id of a scene that comes"),
        ("GymScene().waitroom(timeout_scene_id=EndScene())", "TypeError: GymScene.waitroom: timeout_scene_id must be"),
        ("GymScene().waitroom(timeout_message=b'x')", "timeout_message must be HTML (str), or None"),
        ("GymScene().waitroom(hide_lobby_count=1)", "hide_lobby_count must be True or False, but 1 was given"),
        (
            "GymScene().waitroom(matchmaker='fifo')",
            "TypeError: GymScene.waitroom: matchmaker must be a FifoMatchmaker, a LatencyFifoMatchmaker, a \
             GroupReunionMatchmaker, a function of two arguments (waiting, size), or None for first come, first served, \
             but 'fifo' was given",
        ),
        ("GymScene().waitroom(matchmaker=FifoMatchmaker)", "must be an object, but the class <class 'greenroom.Fifo"),
        ("GymScene().waitroom(matchmaker=lambda waiting: None)", "can be called with two arguments (waiting, size)"),
        ("GymScene().waitroom(matchmaker=lambda waiting: None)", "takes (waiting)"),
        ("GymScene().waitroom(matchmaker=lambda a, b, c: None)", "takes (a, b, c)"),
        ("GymScene().waitroom(matchmaker=len)", "takes (obj, /)"),
    ]);
}

#[test]
fn of_a_matchmaker_that_would_have_to_be_awaited() {
    let study = Study::of("async def pairs(waiting, size): pass\nGymScene().waitroom(matchmaker=pairs)");
    study.is_wrong(5, &["matchmaker must answer at once", "is `async`: write it with `def`"]);
}

#[test]
fn whatever_can_be_called_with_two_arguments_is_a_matchmaker() {
    let study = Study::of(
        "import functools
class Pairs:
    def __call__(self, waiting, size): pass
    def pick(self, waiting, size, *, by=None): pass
def three(a, waiting, size): pass
for f in (
    Pairs(), Pairs().pick, functools.partial(three, 1), lambda *given: None, min, divmod,
    FifoMatchmaker(), LatencyFifoMatchmaker(max_rtt_difference_ms=40), GroupReunionMatchmaker(), None,
):
    GymScene().waitroom(matchmaker=f)
raise SystemExit('accepted')",
    );
    study.is_wrong(14, &["SystemExit: accepted"]);
}

#[test]
fn of_matchmakers() {
    refused(&[
        ("FifoMatchmaker(3)", "FifoMatchmaker takes no arguments, but 3 was given"),
        (
            "LatencyFifoMatchmaker()",
            "max_rtt_sum_ms and max_rtt_difference_ms are both missing: give at least one of them",
        ),
        ("LatencyFifoMatchmaker(max_rtt_sum_ms=0)", "max_rtt_sum_ms must be a whole number from 1 to 60000, but 0"),
        ("LatencyFifoMatchmaker(max_rtt_difference_ms=None)", "max_rtt_difference_ms must be a whole number"),
        ("LatencyFifoMatchmaker(max_server_rtt_ms=100)", "the limit for both round trips added up is `max_rtt_sum_ms`"),
        ("LatencyFifoMatchmaker(max_p2p_rtt_ms=100)", "browsers speak to the service only"),
        (
            "GroupReunionMatchmaker(fallback='fifo')",
            "fallback must be a FifoMatchmaker, a LatencyFifoMatchmaker, or None",
        ),
        (
            "GroupReunionMatchmaker(fallback=GroupReunionMatchmaker())",
            "TypeError: GroupReunionMatchmaker: fallback must",
        ),
        (
            "GroupReunionMatchmaker(fallback_after_ms=5)",
            "fallback_after_ms takes effect only with a fallback: give fallback=FifoMatchmaker()",
        ),
        ("GroupReunionMatchmaker(fallback_to_fifo=True)", "give fallback=FifoMatchmaker()"),
        ("from greenroom import FIFOMatchmaker", "Greenroom has no FIFOMatchmaker; use FifoMatchmaker."),
        ("from greenroom import Matchmaker", "a matchmaker of your own is a function: .waitroom(matchmaker=f)."),
    ]);
}
