/**
 * Thirty lines instead of a framework: making elements, and the marks on the page that style sheet and tests read.
 */

/**
 * @typedef {"page" | "form" | "document" | "loading" | "ready" | "waiting" | "countdown" | "asking" | "playing" | "paused" | "finished"
 *   | "end"
 *   | "trouble"} Phase
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<HTMLElementTagNameMap[T]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * What the participant is doing: style sheet, researchers' scripts and tests go by it.
 * @param {Phase} phase
 */
export function setPhase(phase) {
  document.documentElement.dataset.phase = phase;
}

/**
 * A researcher's page: title, smaller title and HTML. The HTML is the researcher's own, so it is not filtered.
 * @param {import("../wire").Page} page
 */
export function article({ header, subheader, body }) {
  const title = element("h1", { textContent: header, tabIndex: -1 });
  const made = element("article", { className: "page" });
  if (header) made.append(title);
  if (subheader) made.append(element("p", { className: "subheader", textContent: subheader }));
  made.append(html(body));
  return made;
}

/**
 * The researcher's HTML. Its links to places on the page and its forms stay on the page: with a <base> address, they would
 * lead to the study's address without the participant.
 * @param {string} body
 */
export function html(body) {
  const made = element("div", { className: "body", innerHTML: body });
  made.addEventListener("submit", (event) => event.preventDefault());
  made.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
    if (!link) return;
    event.preventDefault();
    const place = decodeURIComponent(link.getAttribute("href") ?? "").slice(1);
    document.getElementById(place)?.scrollIntoView();
  });
  return made;
}

/**
 * Puts a scene's content on the page, from the top, with the reading position at its title.
 * @param {HTMLElement} root
 * @param {...Node} content
 */
export function show(root, ...content) {
  root.replaceChildren(...content);
  scrollTo(0, 0);
  root.querySelector("h1")?.focus({ preventScroll: true });
}
