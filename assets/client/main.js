/**
 * Boots the client: reads what the service wrote into the page, and starts the session.
 */
import { firstUsable, Identity } from "./identity.js";
import { Session } from "./session.js";
import { Status } from "./status.js";

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found;
}

const config = /** @type {import("./session.js").Config} */ (JSON.parse(byId("greenroom").textContent ?? ""));
const store = firstUsable([() => localStorage, () => sessionStorage]);
const identity = new Identity(store, config.base, config.experiment, config.subject_parameter);
const status = new Status(byId("status"), byId("round-trip"), byId("response"));
new Session(config, identity, byId("app"), status).start();
