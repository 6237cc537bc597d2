/**
 * What every scene of the client can do, and what it may use: so that scenes do not know the session.
 */

/** How long to wait before asking again what the service could not do at the moment, in milliseconds. */
export const RETRY_MS = 3000;

/**
 * @typedef {object} Scene
 * @property {number} visit
 * @property {(message: import("../wire").ToBrowser) => void} [receive] a message that concerns the running scene
 * @property {(view: import("../wire").SceneView) => void} [reconnected] the service is back, and we are still in this visit
 * @property {(open: boolean) => void} [connection] the service can be reached, or no longer
 * @property {() => void} leave
 */

/**
 * @typedef {object} Drawer holds what has not reached the service, for the page after a reload
 * @property {() => string | null} read
 * @property {(text: string | null) => void} write
 */

/**
 * @typedef {object} Context
 * @property {HTMLElement} root
 * @property {import("../game/player.js").Link} link
 * @property {import("../game/engine.js").Engine | null} engine
 * @property {Drawer} drawer
 * @property {string} subject who the participant is
 * @property {(milliseconds: number | null) => void} response shows how quickly a streamed game follows the keys
 */
