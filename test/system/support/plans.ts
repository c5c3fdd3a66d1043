import type { Rng } from "../../simulation/random.ts";
import type { Note, Order } from "./orders.ts";

/** What a holder of the lock does, so ordered that four who die of it one after the other come that far. */
const HOLDER: Readonly<Record<string, RegExp>> = {
  "the lock was taken": /^the lock was taken$/,
  "a job is taken": /^rename .*\/waiting\/.* .*\/taken\//,
  "objects are written": /\/repo\.git\/objects\//,
  "the record is written": /^(create|write|sync) .*\/queue\/.*\/tmp_obj/,

  "a push is started": /^start git push/,
  "a fetch is started": /^start git fetch/,
  "a fetch has ended": /^ended git fetch/,
  "the record is put": /^rename .*\/queue\/.*\/tmp_obj.*\.json$/,

  "a reply is written": /^write .*\/taken\/\S+ .*"kind":"reply"/,
  "that something has landed is written": /^write .*\/taken\/\S+ .*"kind":"landed"/,
  "the record is removed": /^rename .*\.json .*\/unsynced\//,
  "the lock is given back": /^rename .*\/lock .*\/lock\.[0-9a-f]+$/,

  "a push was started": /^started git push/,
  "a push has ended": /^ended git push/,
};
/** What is not there each time, and where it is not held yet or not any more. */
const OTHERS: Readonly<Record<string, RegExp>> = {
  "a ref is moved": /^(start|started|ended) git update-ref/,
  "a fetch goes on": /^started git fetch/,
  "the job of a dead one is removed": /^(rm|unlink) .*\/(waiting|taken)\//,
  "a push is prepared": /git-coord-push-/,
  "a job's file is opened": /^append .*\/taken\//,
  "what was observed is saved": /observed\.json/,
  "the lock is taken": /^rename .*\/lock\.[0-9a-f]+ .*\/lock$/,
  "the lock was given back": /^the lock was given back$/,
  "the next is called": /^(append|write) .*\/waiting\//,
};

export const KINDS_OF_STEPS = Object.keys(HOLDER);

export function kindOf({ step }: Note): string {
  return Object.entries({ ...HOLDER, ...OTHERS }).find(([, reads]) => reads.test(step))?.[0] ?? "something else";
}

/** Whether whoever was killed held the lock then, and others waited for it. */
export const isKillOfHolder = ({ how, isHolder, company }: Note): boolean =>
  how === "killed" && isHolder && company > 0;

/** Chooses when the holders of one round die. */
export interface Plan {
  /** The first holder of the round waits until so many others have asked, so that all travel in one push. */
  next(others: number): readonly Order[];
  learn(notes: readonly Note[]): void;
}

/** How long a push that was started goes on, at most: longer than one takes. */
const LINGER = 60;

/** Each kind of step once; those that nobody came to, again later. */
export function eachKind(deaths: number, rng: Rng): Plan {
  let missing = KINDS_OF_STEPS;
  return {
    next: (others) => {
      // Only after somebody has died of a push that landed there is something to fetch, and to tell those who wait.
      const isAfter = /^(a fetch|that something)/.test(missing[0] ?? "");
      const kinds = isAfter ? ["a reply is written", ...missing] : missing;
      return kinds.slice(0, deaths).map((kind, place) => {
        return { before: HOLDER[kind]?.source ?? "", company: place === 0 ? others : 1, linger: rng.whole(0, LINGER) };
      });
    },
    learn: (notes) => {
      const met = notes.filter(isKillOfHolder).map(kindOf);
      missing = [...missing.slice(deaths), ...missing.slice(0, deaths)].filter((kind) => !met.includes(kind));
    },
  };
}

/** Each step there is, from the first to the last and again: for the first holder of a round, the second and so on. */
export function everyStep(deaths: number, rng: Rng): Plan {
  const steps = Array.from({ length: deaths }, () => 0);
  return {
    next: (others) =>
      steps.map((step, place) => ({ step, company: place === 0 ? others : 1, linger: rng.whole(0, LINGER) })),
    learn: (notes) => {
      for (const { place, how } of notes) steps[place] = how === "killed" ? (steps[place] ?? 0) + 1 : 0;
    },
  };
}
