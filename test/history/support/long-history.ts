import { readFileSync } from "node:fs";
import { formatBoard, parseBoard } from "../../../src/board/index.ts";
import { leaseExpiry } from "../../../src/domain/expiry.ts";
import type { Actor, Operation, Request } from "../../../src/domain/request.ts";
import { file, lock, type Resource, task } from "../../../src/domain/resource.ts";
import { initialSettings } from "../../../src/domain/settings.ts";
import type { Verdict } from "../../../src/domain/verdict.ts";
import { buildChain, writeDraft } from "../../../src/ledger/chain.ts";
import type { Clock, Oid, Person } from "../../../src/ledger/ports.ts";
import { type Proposal, propose } from "../../../src/ledger/proposal.ts";
import { BOARD_FILE, readTip, type Tip } from "../../../src/ledger/tip.ts";
import { ByteStore } from "./byte-store.ts";

export const START = Date.UTC(2026, 0, 21, 14, 30, 0);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const PERSON: Person = { name: "A Person", email: "person@example.invalid" };
const IDS = ["ana", "bob", "cleo", "dora", "emil", "finn"];
const FILES = ["src/", "src/a.ts", "src/b.ts", "docs/guide.md", "test/", "README.md"].map(file);
const LOCKS = ["build", "deploy", "docs"].map(lock);

const TEMPLATE = readFileSync(new URL("../../../templates/master_coordination.md", import.meta.url), "utf8");

export const actorOf = (id: string): Actor => ({ id, session: `of-${id}`, host: `${id}-laptop` });

/** A chain in the making: real requests, decided and written by the ledger, at times that the test chooses. */
export class LongHistory {
  readonly objects = new ByteStore();
  now = START;
  tip!: Tip;
  /** Every commit, from the root. */
  readonly commits: Oid[] = [];
  #opIds = 0;
  #state: number;

  private constructor(seed: number) {
    this.#state = seed;
  }

  static async begin(seed = 1, start = START, settings: Readonly<Record<string, string>> = {}): Promise<LongHistory> {
    const history = new LongHistory(seed);
    history.now = start;
    const reading = parseBoard(TEMPLATE);
    if (!reading.ok) throw new Error("the board is broken");
    const rows = initialSettings().map((row) => ({ ...row, value: settings[row.name] ?? row.value }));
    const entry = { op: "init", actor: PERSON.name, resources: [], evidence: [], request: null } as const;
    const text = formatBoard({ ...reading.board, settings: rows }, TEMPLATE);
    const draft = { files: new Map([[BOARD_FILE, text]]), subject: "init: coordination board", body: "", entry };
    const place = { at: history.now, seq: 1 };
    const root = await writeDraft(
      history.writer,
      null,
      { ...draft, author: PERSON, request: null },
      history.opId(),
      place,
    );
    await history.follow(root);
    return history;
  }

  /** Another chain over the same objects, from any commit of this one on. */
  async fork(at: Oid | undefined = this.tip.commit): Promise<LongHistory> {
    const copy = new LongHistory(this.#state + 1);
    Object.assign(copy, { objects: this.objects, now: this.now });
    copy.#opIds = this.#opIds + 1_000_000;
    copy.commits.push(...this.commits.slice(0, this.commits.indexOf(at as Oid)));
    await copy.follow(at as Oid);
    return copy;
  }

  get writer() {
    const clock = { wall: () => this.now } as Clock;
    return { objects: this.objects, clock, committer: PERSON };
  }

  opId(): string {
    this.#opIds += 1;
    return `op-${this.#opIds}`.padEnd(21, "-");
  }

  /** Takes any commit on the tip as the new tip. */
  async follow(commit: Oid): Promise<void> {
    this.commits.push(commit);
    this.tip = await readTip(this.objects, commit);
  }

  request(id: string, operation: Operation): Request {
    return { opId: this.opId(), actor: actorOf(id), operation };
  }

  /** Asks, and says whether it took a commit. */
  async ask(id: string, operation: Operation): Promise<Verdict> {
    return this.land(propose(this.request(id, operation)));
  }

  async land<A>(proposal: Proposal<A>): Promise<A> {
    const { end, answers, pending } = await buildChain(this.writer, this.tip, [proposal], []);
    if (pending !== null) this.commits.push(end.commit);
    this.tip = end;
    return answers[0]?.answer as A;
  }

  /** Random operations of six orchestrators, with crashes and takeovers, until the chain has that many commits. */
  async grow(count: number): Promise<void> {
    while (this.commits.length < count) {
      this.now += Math.floor(this.chance() ** 4 * 4 * MINUTE);
      const id = this.pick(IDS) as string;
      await this.ask(id, this.operation(id));
    }
  }

  operation(id: string): Operation {
    const { board } = this.tip;
    const held = board.leases.filter(({ resource, holder }) => resource.kind === "task" && holder === id);
    const over = board.leases.filter((lease) => (leaseExpiry(board, lease) ?? Infinity) + MINUTE < this.now);
    const someTask = (): Resource => this.pick(held)?.resource ?? task("T001");
    const some = (): Resource => this.pick([...LOCKS, ...FILES]) as Resource;
    const queued = board.tasks.filter(({ state }) => state === "queued").length;
    const wishes: readonly (() => Operation)[] = [
      () => ({ op: "add", title: "One more", priority: 2, area: "physics", after: [], id: null }),
      () => ({ op: "claim", task: null, area: null, with: this.chance() < 0.5 ? [] : [some()] }),
      () => ({ op: "complete", task: someTask().name, note: "finished" }),
      () => ({ op: "complete", task: someTask().name, note: null }),
      () => ({ op: "release", task: someTask().name, note: null }),
      () => ({ op: "acquire", resources: [some()], ttl: null, reason: "at work" }),
      () => ({ op: "acquire", resources: [some(), some()], ttl: 2 * MINUTE, reason: null }),
      () => ({ op: "unlock", resources: null }),
      () => ({ op: "renew", ttl: null, expected: [] }),
      () => ({
        op: "break",
        resources: [this.pick(over)?.resource ?? some()],
        force: this.chance() < 0.1,
        reason: "stale",
      }),
      () => ({ op: "join" }),
      () => (this.chance() < 0.3 ? { op: "leave" } : { op: "unlock", resources: null }),
    ];
    if (queued > 20) return (wishes[1 + Math.floor(this.chance() * 3)] as () => Operation)();
    return (this.pick(wishes) as () => Operation)();
  }

  /** mulberry32: the same seed gives the same history. */
  chance(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.chance() * items.length)];
  }
}
