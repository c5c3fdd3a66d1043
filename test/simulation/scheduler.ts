/**
 * Virtual time. Everything that happens is an event at a time; the next event runs only when all code that the
 * last one set free has come to rest, so a run depends on nothing but its seed. There are no real timers.
 * It does not model threads: between two yield points a process is never interrupted.
 */
interface Event {
  readonly time: number;
  readonly run: () => void;
}

export class Scheduler {
  /** Milliseconds since the simulation began. */
  now = 0;
  events = 0;
  /** Sorted, the next one last: there are only a dozen at any time. */
  readonly #queue: Event[] = [];

  at(delay: number, run: () => void): void {
    const time = this.now + delay;
    let place = this.#queue.length;
    while (place > 0 && (this.#queue[place - 1] as Event).time <= time) place -= 1;
    this.#queue.splice(place, 0, { time, run });
  }

  wait(delay: number): Promise<void> {
    return new Promise((resolve) => this.at(delay, resolve));
  }

  /** Runs until nothing is left to happen. Throws when that does not end: a livelock. */
  async run(most = 100_000): Promise<void> {
    await atRest();
    for (let event = this.#queue.pop(); event; event = this.#queue.pop()) {
      if (++this.events > most) throw new Error(`still busy after ${most} events`);
      this.now = event.time;
      event.run();
      await atRest();
    }
  }
}

/** Resolves when no promise reaction is left to run: node runs a tick only when the microtask queue is empty. */
function atRest(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
