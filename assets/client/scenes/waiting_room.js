/**
 * The page while others are waited for, or a place on the service: how long, how many, and the way out.
 */
import { number, text } from "../text.js";
import { element, setPhase, show } from "./dom.js";
import { duration } from "./time.js";

/** @typedef {import("../wire").Waiting} Waiting */

/**
 * @typedef {object} Choices
 * @property {() => void} leave the participant does not want to wait any longer
 * @property {() => void} here the participant says to be there
 */

export class WaitingRoom {
  #hideCount;
  #alone;
  #state = element("p", { id: "waiting-state" });
  #numbers = element("dl", { className: "numbers" });
  #asleep = element("div", { id: "asleep", className: "asleep", hidden: true });
  #actions = element("div", { className: "actions" });
  /** @type {{waiting: Waiting, at: number} | null} */
  #last = null;
  #left = false;
  #ticker = setInterval(() => this.#tell(), 1000);
  #choices;

  /**
   * @param {HTMLElement} root @param {import("../wire").GroupView} group @param {Choices} choices
   * @param {string} [words] to begin with, until it is known how the waiting goes
   */
  constructor(root, group, choices, words) {
    this.#hideCount = group.hide_lobby_count;
    this.#alone = group.people === 1;
    const { starting, joining, header, headerAlone, asleepHint, asleepHintAlone } = text.waitingRoom;
    this.#state.textContent = words ?? (this.#alone ? starting : joining);
    this.#choices = choices;
    this.#state.setAttribute("role", "status");
    const here = element("button", { id: "here", type: "button", className: "primary" }, text.waitingRoom.here);
    here.addEventListener("click", () => choices.here());
    this.#asleep.append(
      element("h2", { textContent: text.waitingRoom.asleep }),
      element("p", { textContent: this.#alone ? asleepHintAlone : asleepHint }),
      here,
    );
    const made = element(
      "article",
      { id: "waiting-room", className: "page" },
      element("h1", { textContent: this.#alone ? headerAlone : header, tabIndex: -1 }),
      this.#state, this.#numbers, this.#asleep, this.#actions,
    );
    this.#offer();
    setPhase("waiting");
    show(root, made);
  }

  /** @param {Waiting} waiting */
  update(waiting) {
    this.#last = { waiting, at: performance.now() };
    this.#tell();
  }

  close() {
    clearInterval(this.#ticker);
  }

  /** The button that ends the waiting; it asks before it does. */
  #offer() {
    const leave = element("button", { id: "leave", type: "button" }, text.waitingRoom.leave);
    leave.addEventListener("click", () => this.#ask());
    this.#actions.replaceChildren(leave);
  }

  #ask() {
    const yes = element("button", { id: "leave-yes", type: "button" }, text.waitingRoom.leaveYes);
    const no = element("button", { id: "leave-no", type: "button", className: "primary" }, text.waitingRoom.leaveNo);
    yes.addEventListener("click", () => {
      this.#left = true;
      this.#state.textContent = text.waitingRoom.leaving;
      this.#actions.replaceChildren();
      this.#numbers.replaceChildren();
      this.#asleep.hidden = true;
      this.#choices.leave();
    });
    no.addEventListener("click", () => this.#offer());
    const question = element("p", { className: "question", textContent: text.waitingRoom.leaveQuestion });
    this.#actions.replaceChildren(question, no, yes);
    no.focus();
  }

  #tell() {
    if (!this.#last || this.#left) return;
    const { waiting, at } = this.#last;
    const gone = performance.now() - at;
    const { starting, keepOpen, checking, full } = text.waitingRoom;
    const words = {
      waiting: this.#alone ? starting : keepOpen, checking: this.#alone ? starting : checking, asleep: "", full,
    };
    if (this.#state.textContent !== words[waiting.state]) this.#state.textContent = words[waiting.state];
    this.#asleep.hidden = waiting.state !== "asleep";
    document.documentElement.dataset.waiting = waiting.state;
    /** @type {Array<[string, string]>} */
    const numbers = [
      [text.waitingRoom.position, number(waiting.position)],
      [text.waitingRoom.count, number(waiting.count)],
      [text.waitingRoom.size, number(waiting.size)],
      [text.waitingRoom.waited, duration(waiting.waited_ms + gone)],
      [text.waitingRoom.left, duration(waiting.left_ms - gone)],
    ];
    // Whoever plays alone waits for a place at most.
    const places = this.#alone ? numbers.filter(([name]) => name !== text.waitingRoom.size) : numbers;
    // The place in the queue tells how many wait, too.
    const known = this.#hideCount ? places.slice(2) : places;
    const shown = this.#alone && waiting.state !== "full" ? [] : known;
    this.#numbers.replaceChildren(...shown.flatMap(([name, value]) => [
      element("dt", { textContent: name }), element("dd", { textContent: value }),
    ]));
  }
}
