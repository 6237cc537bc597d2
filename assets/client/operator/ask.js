/**
 * Asking the service for something, on the operator's pages; what it refuses comes as an error that can be told.
 */

/** The service answered, but not with what was asked for; or it did not answer. */
export class Refusal extends Error {
  /** @param {number} status of HTTP; 0 for no answer @param {string} message what the service said about it */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether asking again may help. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

/**
 * @param {string} url @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 * @throws {Refusal} when the service refuses or cannot be reached
 */
export async function ask(url, signal) {
  const response = await fetch(url, { signal, cache: "no-store" }).catch((error) => {
    throw error instanceof TypeError ? new Refusal(0, error.message) : error;
  });
  if (response.ok) return response;
  const said = await response.text().catch(() => "");
  const page = response.headers.get("content-type")?.includes("html");
  throw new Refusal(response.status, page ? "" : said.trim());
}

/** @param {number} milliseconds @param {AbortSignal} [signal] @returns {Promise<void>} ends early on abort */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return void resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
