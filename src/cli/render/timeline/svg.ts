import type { Timeline } from "../../../app/history.ts";
import { formatInstant } from "../../../domain/instant.ts";
import { arrange, type Bar, type Picture } from "./lanes.ts";
import { escapeXml } from "./xml.ts";

const WIDTH = 1280;
const LEFT = 230;
const RIGHT = 20;
const TOP = 86;
const ROW = 24;
const BAR = 18;
const HEADING = 34;

const STYLE = `text{font:12px system-ui,sans-serif;fill:#24292f}.h{font-weight:600;font-size:14px}.t{font-size:11px;fill:#57606a}
.b{font-size:11px;fill:#fff;pointer-events:none}.g{stroke:#d0d7de;stroke-width:1}.w{fill-opacity:.25;stroke-dasharray:3 2}
.taken,.broken{fill:#cf222e}.expired{fill:#9a6700}.name{text-anchor:end}`;

/** One picture, with everything it needs inside: bars per resource over time, a hover for each. */
export function timelineSvg(view: Timeline): string {
  const picture = arrange(view);
  const rows: string[] = [];
  let y = TOP;
  for (const { title, lanes, holds } of picture.groups) {
    rows.push(
      `<text class="h" x="12" y="${y + 22}">${title}</text><text class="t" x="${LEFT}" y="${y + 22}">${holds} holds</text>`,
    );
    y += HEADING;
    for (const { name, bars } of lanes) {
      if (name !== "") {
        rows.push(
          `<text class="name" x="${LEFT - 10}" y="${y + 14}"><title>${escapeXml(name)}</title>${escapeXml(fitted(name, 30))}</text>`,
        );
      }
      for (const bar of bars) rows.push(barSvg(picture, bar, y));
      y += ROW;
    }
  }
  const height = y + 30;
  const grid = picture.ticks.map(({ at, label }) => {
    const x = xOf(picture, at);
    return `<line class="g" x1="${x}" x2="${x}" y1="${TOP - 12}" y2="${height - 20}"/><text class="t" x="${x}" y="${TOP - 18}" text-anchor="middle">${label}</text>`;
  });
  const title = `Who held what, ${formatInstant(picture.from)} to ${formatInstant(picture.to)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${title}</title><style>${STYLE}</style><rect width="100%" height="100%" fill="#fff"/>`,
    `<text class="h" x="12" y="24">${title}</text>`,
    legend(picture),
    ...grid,
    ...rows,
    picture.groups.length === 0 ? `<text x="12" y="${TOP}">Nothing was held in this time.</text>` : "",
    "</svg>\n",
  ].join("\n");
}

const xOf = ({ from, to }: Picture, at: number): number =>
  round(LEFT + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (WIDTH - LEFT - RIGHT));

const round = (value: number): number => Math.round(value * 10) / 10;

const fitted = (text: string, most: number): string =>
  [...text].length <= most ? text : `…${[...text].slice(1 - most).join("")}`;

function barSvg(picture: Picture, bar: Bar, y: number): string {
  const x = xOf(picture, bar.from);
  const end = xOf(picture, bar.to);
  const width = Math.max(end - x, 1.5);
  const colour = `hsl(${bar.hue} 55% 42%)`;
  const kind = bar.look === "wait" ? ` class="w" stroke="${colour}"` : "";
  const label =
    bar.look === "hold" && width > bar.label.length * 6.6 + 10
      ? `<text class="b" x="${round(x + 5)}" y="${y + 13}">${escapeXml(bar.label)}</text>`
      : "";
  const shape = `<rect x="${x}" y="${y}" width="${round(width)}" height="${BAR}" rx="3" fill="${colour}"${kind}/>`;
  return `<g><title>${escapeXml(bar.details)}</title>${shape}${label}${markSvg(bar, round(x + width), y)}</g>`;
}

/** At the end of a bar: a triangle for a takeover, a cross for a break, a stroke where the time ran out. */
function markSvg({ mark }: Bar, x: number, y: number): string {
  switch (mark) {
    case "taken":
      return `<path class="taken" d="M${x} ${y - 3}l5 8h-10z"/>`;
    case "broken":
      return `<path class="broken" d="M${x - 4} ${y}l8 8M${x + 4} ${y}l-8 8" stroke="#cf222e" stroke-width="2.5"/>`;
    case "expired":
      return `<rect class="expired" x="${x - 1}" y="${y - 2}" width="2.5" height="${BAR + 4}"/>`;
    case null:
      return "";
  }
}

function legend({ holders }: Picture): string {
  const shown = holders.slice(0, 9);
  const names = shown.map(({ name, hue }, index) => {
    const x = 12 + index * 112;
    return `<rect x="${x}" y="36" width="10" height="10" rx="2" fill="hsl(${hue} 55% 42%)"/><text class="t" x="${x + 14}" y="45">${escapeXml(fitted(name, 15))}</text>`;
  });
  const more =
    holders.length > shown.length
      ? `<text class="t" x="${12 + 9 * 112}" y="45">and ${holders.length - 9} more</text>`
      : "";
  const marks = `<path class="taken" d="M1080 36l5 8h-10z"/><text class="t" x="1090" y="45">taken</text><path d="M1130 37l8 8M1138 37l-8 8" stroke="#cf222e" stroke-width="2.5"/><text class="t" x="1144" y="45">broken</text><rect class="expired" x="1192" y="35" width="2.5" height="12"/><text class="t" x="1199" y="45">expired</text>`;
  return names.join("") + more + marks;
}
