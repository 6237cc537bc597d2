/** What games of robots came to, in numbers. */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { ROOT, sum } from "./support.mjs";

const HEAD = [
  "scenario", "game", "frames", "deepest", "rollbacks", "waited", "late", "stood in", "healed", "hashes", "s",
];
const LEGEND = `Numbers are by player, in the order of seats.

- deepest: frames of the deepest rollback, by the data; rollbacks: how many, by the page (not before its last reload)
- waited: frames held up by the bound on prediction
- late: inputs that came after their frame was confirmed; stood in: frames with a stand-in input
- healed: copies that adopted the reference's state
- hashes: states on which the copies agreed, and native Python with them`;

/** @type {string[][]} */
const lines = [];

/** One line a game: by player, in the order of seats. @param {import("./together.mjs").Table} table */
export function report(table, scene, games, seconds) {
  for (const [index, { record, tables, compared }] of games.entries()) {
    const people = record.players.filter(({ visit }) => visit !== null);
    const told = people.map(({ subject }) => table.robots.find(({ name }) => name === subject)?.stats(scene) ?? {});
    const depths = tables.map((table) => table.map((row) => Number(row["own.rollback_depth"] || 0)));
    const total = (name) => people.map(({ seat }) => sum(record.episodes.map((episode) => episode[name][seat] ?? 0)));
    lines.push([
      table.scenario,
      people.map(({ subject }) => subject).join(" "),
      compared.steps.join(" + "),
      depths.map((depths) => Math.max(0, ...depths)),
      told.map(({ rollbacks }, player) => rollbacks ?? `${depths[player].filter((depth) => depth > 0).length} frames`),
      told.map(({ waited }) => waited ?? "?"),
      total("late"),
      total("stood_in"),
      sum(record.episodes.map(({ desyncs }) => desyncs.filter(({ healed }) => healed).length)),
      compared.hashes,
      index === 0 ? seconds.toFixed(0) : "",
    ].map((cell) => (Array.isArray(cell) ? cell.join(" / ") : String(cell))));
  }
}

/** @type {string[][]} */
const notes = [];

/** Something else that a scenario measured, for the report. @param {import("./together.mjs").Table} table @param {string} what */
export function note(table, what, value) {
  notes.push([table.scenario, what, String(value)]);
}

/** Writes what all scenarios of this run came to. @param {string} name of the file in test-output */
export function writeReport(name) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const made = (head, rows) => [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
  const text = [
    `${LEGEND}\n`,
    made(HEAD, lines),
    ...(notes.length ? [made(["scenario", "measured", "value"], notes)] : []),
  ].join("\n");
  mkdirSync(path.join(ROOT, "test-output"), { recursive: true });
  writeFileSync(path.join(ROOT, "test-output", name), text);
  console.log(text);
}
