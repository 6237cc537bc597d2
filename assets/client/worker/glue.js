/**
 * The few lines of Python between the worker and the engine.
 *
 * One call a step crosses the border, and it brings back plain values: a tuple instead of an object with proxies that
 * somebody would have to destroy. Errors come back as values too, with the stage that JavaScript cannot know.
 */

/** Order of the values in `Output`, the same as in `PACK`. */
export const FIELDS = /** @type {const} */ ([
  "row", "draw", "frame", "frame_width", "frame_height", "hud", "t", "done", "score", "assets", "diverged",
  "trouble", "models",
]);

/** The same for `CopyOutput`. */
export const COPY_FIELDS = /** @type {const} */ ([
  "draw", "frame", "frame_width", "frame_height", "hud", "t", "done", "score", "assets", "confirmed", "behind",
  "waiting", "ending", "end", "send", "rows", "hashes", "timing", "depth", "replayed", "healed", "adopted",
  "trouble",
]);

/** Lines that tell how a healed copy had differed: enough to find the fault, little enough to send. */
const DIFFERENCES = 20;
const DIFFERENCE_LENGTH = 200;

/**
 * Python. Imports what the wheels brought while the participant still reads: numpy and gymnasium take seconds. Whatever does
 * not import this way is the environment's to import, and its error the environment's to have.
 */
export const IMPORT_EARLY = `
def _greenroom_import_early():
    import importlib
    from importlib.metadata import distributions

    for distribution in distributions():
        names = distribution.read_text("top_level.txt") or distribution.metadata["Name"].replace("-", "_").lower()
        for name in names.split():
            try:
                importlib.import_module(name)
            except Exception:
                pass

_greenroom_import_early()
`;

/** Python. Leaves `greenroom_call(name, *arguments)`, which returns (None, values) or (problem, None). */
export const GLUE = `
def _greenroom_glue():
    from greenroom.browser import prepare

    prepare()
    from greenroom.engine import Engine, format_error

    engine = None
    assets = None

    def create(code, filename, settings):
        nonlocal engine
        engine = None  # the old environment goes before the new one comes
        engine = Engine(code, filename, settings.to_bytes())
        return engine.early_assets()

    def reset(seed, episode, rows, shared):
        nonlocal assets
        output = engine.reset(seed, episode, shared)
        assets = output.assets
        if len(rows):
            output = engine.replay([row.to_bytes() for row in rows])
            output.assets = assets
        return output

    def replay_on():
        output = engine.replay_on()
        output.assets = assets
        return output

    def answer(agent, names, values):
        engine.answer(agent, {name: value.to_bytes() for name, value in zip(names, values)})

    def step(inputs):
        return engine.step(inputs)

    def create_copy(code, filename, settings):
        nonlocal engine
        from greenroom.rollback import Rollback

        engine = None
        engine = Rollback(code, filename, settings.to_bytes())
        return engine.early_assets()

    def reset_copy(seed, episode, seat, input_delay, shared):
        return engine.reset(seed, episode, me=seat, input_delay=input_delay, shared=shared)

    def snapshot(frame):
        from greenroom import msgpack

        try:
            state = engine.snapshot(frame)
        except ValueError:
            state = engine.snapshot()  # nothing as old is kept; the bytes tell of which frame they are
        return (msgpack.decode(state)["frame"], state)

    def differences(frame, state):
        from greenroom.checkpoint import difference

        kept, own = snapshot(frame)
        if kept != frame:
            return []
        return [line[:${DIFFERENCE_LENGTH}] for line in difference(own, state.to_bytes(), ${DIFFERENCES - 1})]

    def pack(output):
        if output is None:
            return None
        return (${FIELDS.map((field) => `output.${field}`).join(", ")}, engine.replaying)

    def pack_copy(output):
        return (${COPY_FIELDS.map((field) => `output.${field}`).join(", ")})

    def same(value):
        return value

    # By name: the stage that a failure belongs to, what to do, and how the result crosses the border.
    calls = {
        "create": ("create", create, same),
        "reset": ("reset", reset, pack),
        "replay_on": ("reset", replay_on, pack),
        "step": ("step", step, pack),
        "answer": ("step", answer, same),
        "create_copy": ("create", create_copy, same),
        "reset_copy": ("reset", reset_copy, pack_copy),
        "tick": ("step", lambda events: engine.tick(events), pack_copy),
        "redraw": ("render", lambda: engine.redraw(), pack_copy),
        "snapshot": ("step", snapshot, same),
        "differences": ("step", differences, same),
        "pending": ("step", lambda: engine.pending(), same),
    }

    def stage_of(error, stage):
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code is Engine._draw.__code__:
                return "render"
            trace = trace.tb_next
        return stage

    def call(name, *arguments):
        stage, function, packed = calls[name]
        try:
            return (None, packed(function(*arguments)))
        except BaseException as error:
            traceback = format_error(error)
            return ((stage_of(error, stage), traceback.rpartition("\\n")[2][:500], traceback), None)

    return call


greenroom_call = _greenroom_glue()
`;
