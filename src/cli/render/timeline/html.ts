import type { Timeline } from "../../../app/history.ts";
import { formatInstant } from "../../../domain/instant.ts";
import { arrange, type Bar, type Group, type Picture } from "./lanes.ts";
import { SCRIPT, STYLE } from "./page.ts";
import { escapeXml } from "./xml.ts";

/**
 * One web page, with everything it needs inside: a group for each kind, a lane for each resource, bars that say on
 * hover who, when, which fence and which commit. It can be read without its script, which zooms and filters.
 */
export function timelineHtml(view: Timeline): string {
  const picture = arrange(view);
  const count = (mark: Bar["mark"]) =>
    picture.groups.flatMap(({ lanes }) => lanes.flatMap(({ bars }) => bars)).filter((bar) => bar.mark === mark).length;
  const range = `${formatInstant(picture.from)} to ${formatInstant(picture.to)}`;
  const facts = [
    `${view.holds.length} holds`,
    `${view.waits.length} waits`,
    `${count("taken")} taken over`,
    `${count("broken")} broken`,
    `${count("expired")} expired`,
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who held what</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Who held what</h1>
<p>${range} · ${facts.join(" · ")}</p>
<p class="legend">${picture.holders.map(({ name, hue }) => `<span style="--hue:${hue}">${escapeXml(name)}</span>`).join(" ")}</p>
<p class="legend"><i class="taken"></i> taken over <i class="broken"></i> broken <i class="expired"></i> expired <i class="wait"></i> waiting</p>
<form>
<label>Zoom <input id="zoom" type="range" min="0" max="8" step="0.25" value="0"></label>
<label>Show <input id="filter" type="search" placeholder="resource or orchestrator"></label>
</form>
</header>
<main>
${picture.groups.map((group) => groupHtml(picture, group)).join("\n")}
${picture.groups.length === 0 ? "<p>Nothing was held in this time.</p>" : ""}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function groupHtml(picture: Picture, { title, lanes, holds }: Group): string {
  const axis = picture.ticks
    .map(({ at, label }) => `<span style="left:${percent(picture, at)}%">${label}</span>`)
    .join("");
  const rows = lanes.map(
    ({ name, bars }) =>
      `<div class="lane"><b title="${escapeXml(name)}">${escapeXml(name)}</b><div class="track">${bars.map((bar) => barHtml(picture, bar)).join("")}</div></div>`,
  );
  return `<details open><summary>${title} <small>${holds} holds</small></summary><div class="scroll"><div class="wide">
<div class="lane axis"><b></b><div class="track">${axis}</div></div>
${rows.join("\n")}
</div></div></details>`;
}

function barHtml(picture: Picture, bar: Bar): string {
  const left = percent(picture, bar.from);
  const width = Math.max(0, percent(picture, bar.to) - left);
  const classes = [bar.look, bar.mark ?? "", bar.isOpen ? "open" : ""].filter(Boolean).join(" ");
  const place = `left:${left}%;width:${Math.round(width * 1000) / 1000}%;--hue:${bar.hue}`;
  return `<span class="${classes}" style="${place}" title="${escapeXml(bar.details)}">${escapeXml(bar.label)}</span>`;
}

function percent({ from, to }: Picture, at: number): number {
  return Math.round(((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100_000) / 1000;
}
