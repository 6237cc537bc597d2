/**
 * How episodes are called: practice counts for itself, and what counts begins at 1. Pure.
 */
import { text } from "../text.js";

/** @typedef {{episodes: number, tutorial: number}} Length all episodes, and how many of them are for practice */

/** @param {Length} length @param {number} episode counted from 0 */
export function isTutorial({ tutorial }, episode) {
  return episode < tutorial;
}

/** Its place among those of its kind. @param {Length} length @param {number} episode @returns {[number, number]} */
export function place({ episodes, tutorial }, episode) {
  return episode < tutorial ? [episode + 1, tutorial] : [episode - tutorial + 1, episodes - tutorial];
}

/** The label of its number above the game. @param {Length} length @param {number} episode */
export function label(length, episode) {
  return isTutorial(length, episode) ? text.hudPractice : text.hudEpisode;
}

/** @param {Length} length @param {number} episode */
export function title(length, episode) {
  return (isTutorial(length, episode) ? text.practice : text.episode)(...place(length, episode));
}

/** What is said when it is over: a title, and what comes next. @param {Length} length @param {number} episode @returns {[string, string]} */
export function finished(length, episode) {
  if (episode + 1 >= length.episodes) return [text.gameFinished, text.saving];
  if (!isTutorial(length, episode)) return [text.episodeFinished(place(length, episode)[0]), text.nextEpisode];
  return [text.practiceFinished, episode + 1 < length.tutorial ? text.nextEpisode : text.nowItCounts];
}
