"""The options of game scenes: what becomes of each. The older version's methods (``pyodide``, ``user_experience``,
``player_grouping`` ...) are here too: they say the same in other places."""

from __future__ import annotations

import greenroom

from . import paths, playing
from .notes import note
from .options import joined, met, needless, refused, same, to
from .scenes import SCENE

_NETWORK = "give policy_mapping a ModelConfig for a network, or a FunctionPolicy(function='...') of the environment's code"
DRAW = "draw it in the environment's render(), with mug.rendering.Surface"
_HIDDEN = (
    "whoever plays goes on while a partner's tab is hidden, and the data tell when a page had the focus; with "
    ".monitoring(tab_exclude_ms=...) somebody who stays away is excluded"
)
# Installed in their browsers for what is here already.
_OWN_PACKAGES = ("multi-user-gymnasium", "interactive-gym", "mug")


def _smoothing(value, call):
    call.put(0 if value is None else value, "rendering", "rollback_smoothing_duration")


_smoothing.takes_none = True


def _hud(value, call):
    if callable(value):
        call.refuse(
            value,
            "it has to stand in the environment's code, which runs in browsers: define `hud_text(env)` there, or a method "
            "get_hud_text() of the environment",
        )
    call.put(value)


def _packages(value, call):
    def name(requirement):
        head = str(requirement).strip().lower().replace("_", "-")
        return head[: next((i for i, c in enumerate(head) if c not in "abcdefghijklmnopqrstuvwxyz0123456789-."), len(head))]

    if isinstance(value, (list, tuple)):
        value = [requirement for requirement in value if name(requirement) not in _OWN_PACKAGES]
    call.put(value, "runtime")


def _mode(value, call):
    if value == "server_authoritative":
        call.put("streamed", "runtime", "mode")
    elif value != "p2p":
        call.refuse(value, "give 'p2p' or 'server_authoritative', or say it with .runtime(mode=...)")


def _authoritative(value, call):
    if value:
        call.put("authoritative", "runtime", "mode")


def _through_pyodide(value, call):
    if not value:
        call.put("streamed", "runtime", "mode")


def _reunion(value, call):
    if value:
        call.put(greenroom.GroupReunionMatchmaker(fallback=greenroom.FifoMatchmaker()), "waitroom", "matchmaker")


def _reunion_timeout(value, call):
    # Without wait_for_known_group it had no meaning there either.
    reunion = greenroom.GroupReunionMatchmaker
    if isinstance(call.out.get("waitroom", {}).get("matchmaker"), reunion):
        call.put(
            reunion(fallback=greenroom.FifoMatchmaker(), fallback_after_ms=value), "waitroom", "matchmaker"
        )  # fmt: skip


def _focus_loss(value, call):
    if value:  # 0 was never
        call.put(value, "monitoring", "tab_exclude_ms")


def _focus_message(value, call):
    _messages({"tab_exclude": value}, call)


def _messages(value, call):
    known = call.out.setdefault("monitoring", {}).setdefault("exclusion_messages", {})
    if not isinstance(value, dict):
        call.put(value, "monitoring", "exclusion_messages")
    elif isinstance(known, dict):
        known.update(value)


def _html(value, call):
    call.put(joined(value, call), "content")


def _page_function(value, call):
    note(f"{call.title}: {call.option}: of the game it finds human_players, with the player's own agent")
    call.put(playing.asked(playing.game_of)(value), "content", "game_page_html_fn")


def _folder(value, call):
    call.put(paths.found(value))
    call.put(value, option="as_written")  # GymScene takes it out again


def _scene_instead(value, call):
    call.put(value, "waitroom", "timeout_scene_id")
    call.put("scene", "waitroom", "on_timeout")


_MATCHMAKER = to("waitroom", "matchmaker", playing.matchmaker_of)
_MAX_RTT = needless(
    "it was never enforced; to limit the delay between two players give matchmaker=LatencyFIFOMatchmaker(...)"
)
_WAITING = {
    "timeout": to("waitroom"),
    "timeout_redirect_url": refused(
        "whoever waits in vain goes on to the last scene: put the address there, with EndScene.redirect(url, "
        "outcomes={'no_partner': url})"
    ),
    "timeout_scene_id": _scene_instead,
    "timeout_message": to("waitroom"),
}
_KNOWN_GROUP = {"wait_for_known_group": _reunion, "group_wait_timeout": _reunion_timeout}
_CONTENT = {
    "scene_header": to("content"),
    "scene_body": _html,
    "scene_body_filepath": to("content", convert=paths.found),
    "in_game_scene_body": _html,
    "in_game_scene_body_filepath": to("content", convert=paths.found),
    "game_page_html_fn": _page_function,
}
_CODE = {
    "run_through_pyodide": _through_pyodide,
    "environment_initialization_code": to("runtime"),
    "environment_initialization_code_filepath": to("runtime", convert=paths.found),
    "on_game_step_code": to("runtime"),
    "packages_to_install": _packages,
    "restart_pyodide": met(True, False, advice="every game begins with fresh variables: give True or False"),
}

TABLES = {
    "scene": SCENE,
    "rendering": {
        "fps": same,
        "env_to_state_fn": refused(DRAW),
        "hud_text_fn": _hud,
        "hud_score_carry_over": same,
        "location_representation": met("relative", advice="give relative=False where the environment draws"),
        "game_width": same,
        "game_height": same,
        "background": same,
        "rollback_smoothing_duration": _smoothing,
    },
    "policies": {
        "policy_mapping": same,
        "load_policy_fn": refused(_NETWORK),
        "policy_inference_fn": refused(_NETWORK),
        "frame_skip": same,
        "policy_configs": refused(_NETWORK),
    },
    "gameplay": {
        "action_mapping": same,
        "human_id": same,  # GymScene takes it out again
        "num_episodes": same,
        "max_steps": same,
        "default_action": same,
        "action_population_method": same,
        "input_mode": same,
        "callback": to("gameplay", convert=playing.callbacks_of),
        "reset_freeze_s": same,
        "reset_timeout": needless("players may take ready_timeout_ms of .multiplayer(...) between episodes"),
    },
    "content": _CONTENT,
    "waitroom": _WAITING,
    "user_experience": {
        **_CONTENT,
        "waitroom_timeout": to("waitroom", "timeout"),
        "waitroom_timeout_redirect_url": _WAITING["timeout_redirect_url"],
        "waitroom_timeout_scene_id": _scene_instead,
        "waitroom_timeout_message": to("waitroom", "timeout_message"),
        "waitroom_time_randomization_interval_s": needless("a group begins when it is complete"),
    },
    "matchmaking": {
        "hide_lobby_count": to("waitroom"),
        "max_rtt": _MAX_RTT,
        "matchmaker": _MATCHMAKER,
    },
    "player_grouping": _KNOWN_GROUP,
    "runtime": _CODE,
    "multiplayer": {
        "mode": _mode,
        "multiplayer": same,  # GymScene takes it out again
        "input_delay": same,
        "snapshot_interval": same,
        "input_confirmation_timeout_ms": needless("the service confirms every frame of an episode"),
        "hide_lobby_count": to("waitroom"),
        "max_rtt": _MAX_RTT,
        "matchmaker": _MATCHMAKER,
        **_KNOWN_GROUP,
        "continuous_monitoring_enabled": to("monitoring", "enabled"),  # GymScene takes it out again
        "continuous_max_ping": to("monitoring", "max_ping"),
        "continuous_ping_violation_window": to("monitoring", "ping_violation_window"),
        "continuous_ping_required_violations": to("monitoring", "ping_required_violations"),
        "continuous_ping_violation_required": to("monitoring", "ping_required_violations"),
        "continuous_tab_warning_ms": to("monitoring", "tab_warning_ms"),
        "continuous_tab_exclude_ms": to("monitoring", "tab_exclude_ms"),
        "continuous_exclusion_messages": _messages,
        "continuous_callback": to("monitoring", "callback", playing.asked(playing.context_of)),
        "continuous_callback_interval_frames": to("monitoring", "frames"),  # GymScene makes seconds of it
        "reconnection_timeout_ms": same,
        "partner_disconnect_message": same,
        "partner_disconnect_show_completion_code": needless("the service issues a code, and the data have it"),
        "focus_loss_timeout_ms": _focus_loss,
        "focus_loss_message": _focus_message,
        "pause_on_partner_background": met(False, advice=_HIDDEN),
        "server_authoritative": _authoritative,
        "state_broadcast_interval": same,
        "realtime_mode": met(True, advice="frames follow the service's clock: remove it"),
        "input_buffer_size": needless("inputs are kept as long as they are needed"),
        "rollback_smoothing_duration": _smoothing,
    },
    "pyodide": {
        "run_through_pyodide": _through_pyodide,
        "multiplayer": same,
        **_CODE,
        "server_authoritative": _authoritative,
        "state_broadcast_interval": to("multiplayer"),
        "realtime_mode": met(True, advice="frames follow the service's clock: remove it"),
        "input_buffer_size": needless("inputs are kept as long as they are needed"),
        "input_delay": to("multiplayer"),
    },
    "assets": {
        "preload_specs": same,  # GymScene sees to these
        "assets_dir": _folder,
        "assets_to_preload": same,
        "animation_configs": same,
        "state_init": same,
    },
    "environment": {"env_creator": same, "env_config": same,
                    "seed": needless("the service draws a seed for each episode and records it")},
}
TABLES["player_pairing"] = TABLES["player_grouping"]
