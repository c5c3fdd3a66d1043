import { claim, openCoordination } from "git-coord";
import { type Comparison, median, summarise, timed } from "./measure.ts";
import { inFolder, placeWith } from "./place.ts";

const PAIRS = 9;
const WARM_UP = 3;

/** A claim on a large board beside one on a small board, in the same warm process. */
export async function largeBoard(): Promise<Comparison> {
  return inFolder(async (folder) => {
    const large = await openCoordination({ cwd: await placeWith(folder, "large", 10_000), as: "bench" });
    const small = await openCoordination({ cwd: await placeWith(folder, "small", 10 + PAIRS + WARM_UP), as: "bench" });
    const ours: number[] = [];
    const bare: number[] = [];
    for (let pair = 0; pair < PAIRS + WARM_UP; pair += 1) {
      const [one, other] = [await timed(() => claim(large)), await timed(() => claim(small))];
      if (pair < WARM_UP) continue;
      ours.push(one);
      bare.push(other);
    }
    return {
      name: "claim on a board of 10,000 tasks / on one of about 10",
      ours: summarise(ours),
      bare: summarise(bare),
      ratio: median(ours.map((own, pair) => own / (bare[pair] ?? Number.NaN))),
      limit: 3,
      processes: {},
    };
  });
}
