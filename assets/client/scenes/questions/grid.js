/**
 * A table with the same answers in every row; on a phone each row is a card with its answers below each other.
 */
import { element } from "../dom.js";
import { frame, words } from "./frame.js";

/** @param {import("./frame.js").Of<"grid">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function gridQuestion(question, id, tell) {
  const { rows, columns } = question.ask;
  const made = frame(question, id, "group");
  const table = element("div", { className: "grid" });
  table.style.setProperty("--columns", String(columns.length));
  // The words above are for the eye: each answer has its own, which the narrow form shows.
  const head = element("div", { className: "grid-head" }, element("span"), ...columns.map((column) => words(column)));
  head.setAttribute("aria-hidden", "true");
  const lines = rows.map((row, place) => {
    const name = `${id}-${place}`;
    const marks = columns.map((_, column) =>
      element("input", { type: "radio", name, id: `${name}-${column}`, value: String(column) }));
    const label = words(row.label, "row-label");
    label.id = `${name}-row`;
    const line = element("div", { className: "grid-row" }, label, ...marks.map((mark, column) =>
      element("label", { className: "cell", htmlFor: mark.id }, mark, words(columns[column], "words"))));
    line.setAttribute("role", "radiogroup");
    line.setAttribute("aria-labelledby", label.id);
    line.setAttribute("aria-required", String(question.required));
    return { row: row.id, line, marks };
  });
  table.append(head, ...lines.map(({ line }) => line));
  made.body.append(table);
  const read = () => lines.flatMap(({ row, marks }) => {
    const column = marks.findIndex((mark) => mark.checked);
    return column < 0 ? [] : [/** @type {[string, number]} */ ([row, column])];
  });
  const open = () => lines.filter(({ marks }) => !marks.some((mark) => mark.checked));
  let lacking = false;
  const mark = () => {
    const missing = open();
    for (const { line } of lines) {
      const lacks = lacking && missing.some((one) => one.line === line);
      line.classList.toggle("lacking", lacks);
      if (lacks) line.setAttribute("aria-invalid", "true");
      else line.removeAttribute("aria-invalid");
    }
  };
  const told = () => {
    const answers = read();
    made.answered(answers.length > 0);
    mark();
    tell.give(answers.length > 0 ? Object.fromEntries(answers) : null);
  };
  table.addEventListener("change", told);
  made.clearable(() => {
    for (const { marks } of lines) marks.forEach((one) => (one.checked = false));
    lines[0].marks[0].focus();
    told();
  });
  return {
    element: made.element,
    show: (answer) => {
      const given = typeof answer === "object" && !Array.isArray(answer) ? answer : {};
      for (const { row, marks } of lines) marks.forEach((one, column) => (one.checked = given[row] === column));
      made.answered(read().length > 0);
    },
    complain: (complaint) => {
      lacking = complaint !== null;
      made.say(complaint, [made.element]);
      mark();
    },
    target: () => (open()[0] ?? lines[0]).marks[0],
  };
}
