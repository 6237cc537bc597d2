// An HTML build that speaks the contract: episodes, messages both ways, shared values, and what must not break anything.
const { greenroom } = window;
const byId = (id) => document.getElementById(id);
greenroom.on("message", (data) => (byId("heard").textContent = JSON.stringify(data)));
const info = await greenroom.ready();
window.info = info;
byId("play").onclick = async () => {
  await greenroom.episodeStart({ level: info.settings.level });
  // More than one thing at once, a half character, and words that are no HTML anywhere.
  const saves = ["a\ud800b", "<b>bold</b>", { deep: [1, 2.5, null] }].map((data) => greenroom.save(data, "note"));
  await Promise.all(saves);
  await greenroom.episodeEnd({ score: 10 + info.episodes_done, steps: 5 });
};
byId("ask").onclick = () => greenroom.message({ question: "how am I doing?" });
byId("quit").onclick = async () => {
  await greenroom.setGlobal("skill", 7);
  window.refused = await greenroom.save("x".repeat(300 * 1024)).catch((error) => error.message);
  await fetch("https://example.com/").then(() => (window.leaked = true), () => {});
  await greenroom.advance({ why: "done" });
};
